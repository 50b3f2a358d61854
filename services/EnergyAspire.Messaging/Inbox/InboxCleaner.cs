using EnergyAspire.Messaging.Broker;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>Removes inbox rows that are older than any redelivery.</summary>
internal sealed class InboxCleaner<TContext>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> database, EventConsumerOptions options, TimeProvider time,
    ILogger<InboxCleaner<TContext>> logger) : BackgroundService
    where TContext : DbContext
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var oldest = time.GetUtcNow() - options.InboxRetention;
                await scope.ServiceProvider.GetRequiredService<TContext>()
                    .Set<InboxMessage>().Where(message => message.HandledAt < oldest).ExecuteDeleteAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The next hour tries again; rows that stay longer do no harm.
                BrokerLog.InboxNotCleaned(logger, failure.GetBaseException().Message);
            }
        }
    }
}
