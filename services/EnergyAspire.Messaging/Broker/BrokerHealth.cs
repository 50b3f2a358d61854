using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EnergyAspire.Messaging.Broker;

/// <summary>Readiness check: healthy only when all broker workers of this process are connected.</summary>
public sealed class BrokerHealth : IHealthCheck
{
    private readonly ConcurrentDictionary<string, bool> _connected = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var waiting = _connected.Where(worker => !worker.Value).Select(worker => worker.Key).Order(StringComparer.Ordinal).ToArray();

        return Task.FromResult(waiting.Length == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"Waiting for the broker or the database: {string.Join(", ", waiting)}."));
    }

    internal void Connected(string worker) => _connected[worker] = true;

    internal void Disconnected(string worker) => _connected[worker] = false;
}
