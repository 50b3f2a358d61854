using EnergyAspire.Data;
using EnergyAspire.Data.Audit;
using EnergyAspire.Messaging;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Data;

/// <summary>Registration of the service's database and outbox.</summary>
public static class DeviceData
{
    /// <summary>Adds the context, applies its migrations at start and sends its outbox.</summary>
    public static IHostApplicationBuilder AddDeviceData(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDbContext<DeviceDbContext>(
            ResourceNames.DeviceDatabase,
            // EF Core's retry strategy doesn't work with explicit transactions, which this service uses.
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
