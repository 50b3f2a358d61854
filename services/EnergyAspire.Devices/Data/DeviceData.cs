using EnergyAspire.Messaging;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Data;

/// <summary>The service's database and the events that leave it.</summary>
public static class DeviceData
{
    /// <summary>Adds the context, applies its migrations at start and sends its outbox.</summary>
    public static IHostApplicationBuilder AddDeviceData(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDbContext<DeviceDbContext>(
            ResourceNames.DeviceDatabase,
            // Transactions are this service's own, so a retry must be too.
            settings => settings.DisableRetry = true,
            options =>
            {
                options.UseSnakeCaseNamingConvention();
                if (builder.Environment.IsDevelopment())
                    options.UseDevelopmentDevices();
            });
        builder.AddDatabaseMigration<DeviceDbContext>();
        builder.AddBroker(ResourceNames.Messaging);
        builder.AddOutbox<DeviceDbContext>();
        builder.Services.AddScoped(services => Work.Begin(
            services.GetRequiredService<DeviceDbContext>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IHttpContextAccessor>().HttpContext!.Actor()));

        return builder;
    }
}
