using System.Data.Common;
using System.Diagnostics;
using System.Text;
using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Messaging.Broker;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using RabbitMQ.Client;

namespace EnergyAspire.Messaging.Outbox;

/// <summary>
/// Publishes committed events with publisher confirms, in order per aggregate, and deletes each event after its confirm. Replicas share the work: a
/// message that one replica has locked is skipped by the others, and so are later messages of the same aggregate.
/// </summary>
internal sealed class OutboxDispatcher<TContext>(
    IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger<OutboxDispatcher<TContext>> logger,
    IServiceScopeFactory scopes, OutboxSignal<TContext> signal, DatabaseReadiness<TContext> database)
    : BrokerWorker(connections, health, time, logger)
    where TContext : DbContext
{
    // Only the oldest message of each aggregate is due; the next becomes due when that one is deleted.
    private const string LockDueMessages = """
        select * from outbox_messages due
        where not exists (
            select from outbox_messages earlier
            where earlier.aggregate = due.aggregate and earlier.version < due.version)
        order by due.id
        limit 200
        for update skip locked
        """;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly CreateChannelOptions WithConfirms = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    protected override string Name => $"{typeof(TContext).Name} outbox";

    protected override Task PrepareAsync(CancellationToken cancel) => database.WaitAsync(cancel);

    protected override async Task WorkAsync(IConnection connection, CancellationToken cancel)
    {
        await connection.DeclareEventTopologyAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(WithConfirms, cancel);

        while (channel.IsOpen)
        {
            if (await SendDueMessagesAsync(channel, cancel) == 0)
                await signal.WaitAsync(LookInterval, cancel);
        }
    }

    private async Task<int> SendDueMessagesAsync(IChannel channel, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TContext>();

        // Polling is not traced. Each message continues the trace of its change instead.
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            var due = await db.Set<OutboxMessage>().FromSqlRaw(LockDueMessages).AsNoTracking().ToListAsync(cancel);
            if (due.Count == 0)
                return 0;

            await Task.WhenAll(due.Select(message => SendAsync(channel, message, cancel)));

            var sent = due.Select(message => message.Id).ToArray();
            await db.Set<OutboxMessage>().Where(message => sent.Contains(message.Id)).ExecuteDeleteAsync(cancel);
            await transaction.CommitAsync(cancel);

            return due.Count;
        }
        catch (Exception failure) when (failure is DbException || failure.IsDatabaseAway())
        {
            BrokerLog.OutboxUnreadable(logger, failure.GetBaseException().Message);
            return 0;
        }
    }

    private static async Task SendAsync(IChannel channel, OutboxMessage message, CancellationToken cancel)
    {
        using var traced = SuppressInstrumentationScope.Begin(false);
        var change = ActivityContext.TryParse(message.TraceParent, traceState: null, isRemote: true, out var context) ? context : default;
        using var activity = MessagingTelemetry.Source.StartActivity($"{message.EventType} send", ActivityKind.Producer, change);

        var properties = new BasicProperties
        {
            MessageId = message.Id.ToString(),
            Type = message.EventType,
            ContentType = "application/json",
            Persistent = true,
            Headers = new Dictionary<string, object?> { ["traceparent"] = activity?.Id ?? message.TraceParent },
        };
        // Mandatory: the broker returns an event that reaches no queue. The publish then fails, and the event stays in the outbox. Events for other
        // systems may have no queue.
        await channel.BasicPublishAsync(
            Topology.EventExchange, message.EventType, mandatory: !Topology.ForOthers.Contains(message.EventType), properties, Encoding.UTF8.GetBytes(message.Body), cancel);
    }
}
