using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EnergyAspire.Data;

/// <summary>Readiness check: healthy once the schema of the context's database is up to date. Workers wait for it too.</summary>
public sealed class DatabaseReadiness<TContext> : IHealthCheck
    where TContext : DbContext
{
    private readonly TaskCompletionSource _migrated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the database exists with every migration applied.</summary>
    public Task WaitAsync(CancellationToken cancel) => _migrated.Task.WaitAsync(cancel);

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_migrated.Task.IsCompleted
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The database is away or its migrations are not applied yet."));

    internal void MarkMigrated() => _migrated.TrySetResult();
}
