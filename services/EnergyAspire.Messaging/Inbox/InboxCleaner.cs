using EnergyAspire.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>Removes inbox rows that are older than any redelivery can be.</summary>
internal sealed class InboxCleaner<TContext>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> database, EventConsumerOptions options, TimeProvider time,
    ILogger<InboxCleaner<TContext>> logger) : PeriodicWorker<TContext>(scopes, database, time, logger)
    where TContext : DbContext
{
    protected override string Name => "clean inbox";

    protected override TimeSpan Interval => TimeSpan.FromHours(1);

    // The first run is one interval after the start, so that it doesn't slow the start down.
    protected override bool BeginsAtOnce => false;

    protected override Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var oldest = Time.GetUtcNow() - options.InboxRetention;
        return services.GetRequiredService<TContext>().Set<InboxMessage>().Where(message => message.HandledAt < oldest).ExecuteDeleteAsync(cancel);
    }
}
