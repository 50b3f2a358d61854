using System.Data.Common;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace EnergyAspire.Identity.Sagas;

/// <summary>Goes on with sagas whose replica has given no sign of life for the time of a lease, and forgets those that ended long ago.</summary>
internal sealed class SagaRecovery(
    IServiceScopeFactory scopes, SagaCoordinator coordinator, DatabaseReadiness<AuthDbContext> database, IOptions<SagaOptions> options,
    TimeProvider time, IdentityMetrics metrics, ILogger<SagaRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(10);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await coordinator.DrainAsync().WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (OpenApiExtensions.IsGeneratingDocuments)
            return;

        await database.WaitAsync(stoppingToken);
        var (pruneAt, countAt) = (DateTimeOffset.MinValue, DateTimeOffset.MinValue);
        using var timer = new PeriodicTimer(options.Value.Lease / 10, time);
        do
        {
            try
            {
                foreach (var (id, fence) in await ClaimAsync(stoppingToken))
                {
                    logger.SagaResumed(id);
                    _ = coordinator.Start(id, fence);
                }

                if (countAt <= time.GetUtcNow())
                {
                    await CountAsync(stoppingToken);
                    countAt = time.GetUtcNow() + CountInterval;
                }

                if (pruneAt <= time.GetUtcNow())
                {
                    await PruneAsync(stoppingToken);
                    pruneAt = time.GetUtcNow() + PruneInterval;
                }
            }
            catch (Exception failure) when (failure is DbException || failure.IsDatabaseAway())
            {
                logger.SagasUnreadable(failure.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Takes sagas over whose lease has run out; each by one replica, because each gets locked rows only.</summary>
    private async Task<List<Claim>> ClaimAsync(CancellationToken cancel)
    {
        // A look that finds nothing leaves no trace.
        using var untraced = SuppressInstrumentationScope.Begin();
        var now = time.GetUtcNow();
        var lease = now + options.Value.Lease;
        await using var scope = scopes.CreateAsyncScope();

        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Database.SqlQuery<Claim>($"""
            update sagas set fence = fence + 1, leased_until = {lease}
            where id in (
                select id from sagas where finished_at is null and leased_until < {now}
                order by leased_until limit 50 for update skip locked)
            returning id, fence
            """).ToListAsync(cancel);
    }

    private async Task CountAsync(CancellationToken cancel)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var counts = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sagas
            .Where(saga => saga.FinishedAt == null)
            .GroupBy(saga => saga.State)
            .Select(sagas => new { State = sagas.Key, Count = sagas.LongCount() })
            .ToDictionaryAsync(sagas => sagas.State, sagas => sagas.Count, cancel);
        foreach (var state in new[] { SagaState.Running, SagaState.Compensating })
            metrics.SagasSeen(state, counts.GetValueOrDefault(state));
    }

    private async Task PruneAsync(CancellationToken cancel)
    {
        var oldest = time.GetUtcNow() - options.Value.Retention;
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sagas
            .Where(saga => saga.FinishedAt < oldest)
            .ExecuteDeleteAsync(cancel);
    }

    private sealed record Claim(Guid Id, long Fence);
}
