using EnergyAspire.Messaging;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Simulator.Publishing;
using EnergyAspire.Simulator.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Simulator;

/// <summary>Registers the simulator in a host.</summary>
public static class SimulatorExtensions
{
    /// <summary>
    /// Adds the meters of the settings. They report to the broker of the connection string <c>messaging</c>. Without that connection string they use
    /// the broker of the settings.
    /// </summary>
    public static IHostApplicationBuilder AddSimulator(this IHostApplicationBuilder builder, SimulatorSettings settings)
    {
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString(ResourceNames.Messaging)))
            builder.Configuration[$"ConnectionStrings:{ResourceNames.Messaging}"] = settings.Broker.ConnectionString;
        builder.AddBroker(ResourceNames.Messaging);

        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<SimulatorTelemetry>();
        builder.Services.AddSingleton<ReadingPublisher>();
        builder.Services.AddHostedService<MeterFleet>();

        return builder;
    }
}
