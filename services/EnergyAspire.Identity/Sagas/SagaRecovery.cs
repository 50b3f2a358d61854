using EnergyAspire.Data;
using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace EnergyAspire.Identity.Sagas;

/// <summary>Resumes sagas whose lease has expired, and deletes those that ended longer ago than the retention.</summary>
internal sealed class SagaRecovery(
    IServiceScopeFactory scopes, SagaCoordinator coordinator, DatabaseReadiness<AuthDbContext> database, IOptions<SagaOptions> options,
    TimeProvider time, IdentityMetrics metrics, ILogger<SagaRecovery> logger) : PeriodicWorker<AuthDbContext>(scopes, database, time, logger)
{
    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(10);

    private DateTimeOffset _pruneAt;
    private DateTimeOffset _countAt;

    protected override string Name => "recover sagas";

    protected override TimeSpan Interval => options.Value.Lease / 10;

    // Most runs find nothing and would only fill the traces.
    protected override bool IsTraced => false;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await coordinator.DrainAsync().WaitAsync(cancellationToken);
    }

    protected override async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var db = services.GetRequiredService<AuthDbContext>();
        foreach (var (id, fence) in await ClaimAsync(db, cancel))
        {
            logger.SagaResumed(id);
            // The saga outlives this run and must not inherit that tracing is suppressed.
            using var traced = SuppressInstrumentationScope.Begin(false);
            _ = coordinator.Start(id, fence);
        }

        var now = Time.GetUtcNow();
        if (_countAt <= now)
        {
            await CountAsync(db, cancel);
            _countAt = now + CountInterval;
        }

        if (_pruneAt <= now)
        {
            await db.Sagas.Where(saga => saga.FinishedAt < now - options.Value.Retention).ExecuteDeleteAsync(cancel);
            _pruneAt = now + PruneInterval;
        }
    }

    /// <summary>
    /// Takes over sagas whose lease has expired. Each goes to one replica, because rows that another replica has locked are skipped.
    /// </summary>
    private async Task<List<Claim>> ClaimAsync(AuthDbContext db, CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        var lease = now + options.Value.Lease;

        return await db.Database.SqlQuery<Claim>($"""
            update sagas set fence = fence + 1, leased_until = {lease}
            where id in (
                select id from sagas where finished_at is null and leased_until < {now}
                order by leased_until limit 50 for update skip locked)
            returning id, fence
            """).ToListAsync(cancel);
    }

    private async Task CountAsync(AuthDbContext db, CancellationToken cancel)
    {
        var counts = await db.Sagas
            .Where(saga => saga.FinishedAt == null)
            .GroupBy(saga => saga.State)
            .Select(sagas => new { State = sagas.Key, Count = sagas.LongCount() })
            .ToDictionaryAsync(sagas => sagas.State, sagas => sagas.Count, cancel);
        foreach (var state in new[] { SagaState.Running, SagaState.Compensating })
            metrics.SagasSeen(state, counts.GetValueOrDefault(state));
    }

    private sealed record Claim(Guid Id, long Fence);
}
