using EnergyAspire.ServiceDefaults;
using EnergyAspire.Simulator;
using EnergyAspire.Simulator.Settings;
using Microsoft.Extensions.Hosting;

return await SimulatorCommand.InvokeAsync(args, async (settings, cancel) =>
{
    var builder = Host.CreateApplicationBuilder();

    builder.AddServiceDefaults();
    builder.AddSimulator(settings);

    using var host = builder.Build();
    await host.RunAsync(cancel);
});
