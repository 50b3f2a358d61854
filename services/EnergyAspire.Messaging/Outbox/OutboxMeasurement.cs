using EnergyAspire.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Outbox;

/// <summary>
/// Measures the number of waiting events and the age of the oldest. It doesn't depend on the broker, because the age matters most while the broker is
/// unavailable.
/// </summary>
internal sealed class OutboxMeasurement<TContext>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> database, TimeProvider time, ILogger<OutboxMeasurement<TContext>> logger,
    MessagingMetrics metrics) : PeriodicWorker<TContext>(scopes, database, time, logger)
    where TContext : DbContext
{
    protected override string Name => $"{typeof(TContext).Name} outbox";

    protected override TimeSpan Interval => TimeSpan.FromSeconds(10);

    protected override bool IsTraced => false;

    protected override async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var waiting = await services.GetRequiredService<TContext>().Set<OutboxMessage>()
            .GroupBy(_ => 1)
            .Select(messages => new { Count = messages.LongCount(), Oldest = messages.Min(message => message.OccurredAt) })
            .SingleOrDefaultAsync(cancel);
        metrics.OutboxSeen(Name, waiting?.Count ?? 0, waiting is null ? TimeSpan.Zero : Time.GetUtcNow() - waiting.Oldest);
    }
}
