using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Testing;

/// <summary>Applications of servers only.</summary>
public static class ServerApplication
{
    /// <summary>
    /// Builds an application whose servers listen on free ports and whose data are deleted when this process ends, unless settings say otherwise.
    /// Which servers they are, the setting <c>Servers</c> says.
    /// </summary>
    public static IDistributedApplicationTestingBuilder Create(params IEnumerable<string> settings)
    {
        var builder = DistributedApplicationTestingBuilder.Create(["--UseVolumes=false", .. settings]);
        // What the servers write, and that they are not up yet, would be in the output of the tests.
        builder.Services.AddLogging(logging => logging
            .AddFilter($"{builder.Environment.ApplicationName}.Resources", LogLevel.None)
            .AddFilter("Aspire.Hosting", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));

        return builder;
    }
}
