using EnergyAspire.Messaging;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Simulator;
using EnergyAspire.Simulator.Publishing;
using EnergyAspire.Simulator.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

return await SimulatorCommand.InvokeAsync(args, RunAsync);

static async Task RunAsync(SimulatorSettings settings, CancellationToken cancel)
{
    var builder = Host.CreateApplicationBuilder();

    builder.AddServiceDefaults();
    builder.UseBrokerOf(settings);
    builder.AddBroker(ResourceNames.Messaging);

    builder.Services.AddSingleton(settings);
    builder.Services.AddSingleton<SimulatorTelemetry>();
    builder.Services.AddSingleton<ReadingPublisher>();
    builder.Services.AddHostedService<MeterFleet>();

    using var host = builder.Build();
    await host.RunAsync(cancel);
}
