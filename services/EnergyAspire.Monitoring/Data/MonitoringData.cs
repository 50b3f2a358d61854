using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Data;

/// <summary>The service's database.</summary>
public static class MonitoringData
{
    /// <summary>Adds the context and applies its migrations at start.</summary>
    public static IHostApplicationBuilder AddMonitoringData(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDbContext<MonitoringDbContext>(
            ResourceNames.MonitoringDatabase,
            // Transactions are this service's own, so a retry must be too. Statements are not prepared by themselves: a plan that is made before
            // the arrays of a batch are known joins them row by row, and stores a fifth as many readings.
            settings => settings.DisableRetry = true,
            options => options.UseSnakeCaseNamingConvention());
        builder.AddDatabaseMigration<MonitoringDbContext>();

        return builder;
    }
}
