using EnergyAspire.ServiceDefaults;
using EnergyAspire.Simulator.Settings;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Simulator.Tests;

/// <summary>Runs the simulator in this process.</summary>
internal static class SimulatorHost
{
    public static async Task RunAsync(SimulatorSettings settings, string broker)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:messaging"] = broker;
        builder.AddServiceDefaults();
        builder.AddSimulator(settings);

        using var host = builder.Build();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await host.RunAsync(timeout.Token);
        Assert.False(timeout.IsCancellationRequested, "the run ends by itself");
    }
}
