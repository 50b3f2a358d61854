using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EnergyAspire.Hosting;

/// <summary>Health check for local servers.</summary>
internal static class LocalServerHealth
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Adds a check that connects to the server. It retries for a while before it reports unhealthy. Aspire checks an unhealthy resource less
    /// often, which would delay all resources that wait for the server.
    /// </summary>
    public static void AddConnectionCheck(this IServiceCollection services, string name, Func<CancellationToken, Task> connect) =>
        services.AddHealthChecks().AddAsyncCheck(name, async cancel =>
        {
            for (var waited = Stopwatch.StartNew(); ; await Task.Delay(Interval, cancel))
            {
                try
                {
                    await connect(cancel);
                    return HealthCheckResult.Healthy();
                }
                catch (Exception problem) when (problem is not OperationCanceledException)
                {
                    if (waited.Elapsed > Patience)
                        return HealthCheckResult.Unhealthy(problem.Message);
                }
            }
        });
}
