using EnergyAspire.Data;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Data;

/// <summary>Registers the service's database.</summary>
public static class MonitoringData
{
    /// <summary>Adds the context and applies its migrations at start.</summary>
    public static IHostApplicationBuilder AddMonitoringData(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDbContext<MonitoringDbContext>(
            ResourceNames.MonitoringDatabase,
            // EF Core's retries don't work with transactions that the code begins itself, so the code retries. Automatic preparation is off: a
            // generic plan, made without the sizes of a batch's arrays, joins row by row and stores only a fifth as many readings a second.
            settings => settings.DisableRetry = true,
            options => options.UseSnakeCaseNamingConvention());
        builder.AddDatabaseMigration<MonitoringDbContext>();

        return builder;
    }
}
