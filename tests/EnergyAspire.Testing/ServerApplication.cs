using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Testing;

/// <summary>Creates Aspire applications that contain only servers.</summary>
public static class ServerApplication
{
    /// <summary>
    /// Creates the builder of an application whose servers listen on free ports and whose data is deleted when this process ends, unless settings say
    /// otherwise. The setting <c>Servers</c> selects where the servers come from.
    /// </summary>
    public static IDistributedApplicationTestingBuilder Create(params IEnumerable<string> settings)
    {
        var builder = DistributedApplicationTestingBuilder.Create(["--UseVolumes=false", .. settings]);
        // Keeps the servers' output and their health checks during the start out of the tests' output.
        builder.Services.AddLogging(logging => logging
            .AddFilter($"{builder.Environment.ApplicationName}.Resources", LogLevel.None)
            .AddFilter("Aspire.Hosting", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));

        return builder;
    }
}
