using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EnergyAspire.ServiceDefaults.Data;

/// <summary>Whether the schema of a context's database is up to date, so that work on it may begin.</summary>
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
