using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Data;

/// <summary>The service's database.</summary>
public static class MonitoringData
{
    /// <summary>Adds the context and applies its migrations at start.</summary>
    public static IHostApplicationBuilder AddMonitoringData(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDbContext<MonitoringDbContext>(
            ResourceNames.MonitoringDatabase,
            settings =>
            {
                // Transactions are this service's own, so a retry must be too.
                settings.DisableRetry = true;
                settings.ConnectionString = Prepared(settings.ConnectionString);
            },
            options => options.UseSnakeCaseNamingConvention());
        builder.AddDatabaseMigration<MonitoringDbContext>();

        return builder;
    }

    /// <summary>Has statements that come again planned once a connection: planning for all months takes longer than reading a day.</summary>
    internal static string Prepared(string? connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 100 }.ConnectionString;
}
