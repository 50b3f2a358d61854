using EnergyAspire.Contracts;
using RabbitMQ.Client;

namespace EnergyAspire.Messaging.Broker;

/// <summary>Declares exchanges, queues and bindings of the events. Declarations are idempotent.</summary>
public static class EventTopology
{
    /// <summary>
    /// Declares the event exchange and every event queue, so that no event is published before its queue exists. For existing resources it only checks
    /// that they exist, so a service needs no permission to change or delete shared resources.
    /// </summary>
    public static async Task DeclareEventTopologyAsync(this IConnection connection, CancellationToken cancel)
    {
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: cancel))
        {
            if (!await connection.ExistsAsync(look => look.ExchangeDeclarePassiveAsync(Topology.EventExchange, cancel), cancel))
                await channel.ExchangeDeclareAsync(Topology.EventExchange, ExchangeType.Topic, durable: true, cancellationToken: cancel);

            foreach (var queue in Topology.EventQueues)
            {
                if (!await connection.ExistsAsync(look => look.QueueDeclarePassiveAsync(queue.Name, cancel), cancel))
                {
                    await channel.DeclareDurableQueueAsync(queue.Name, cancel);
                    await channel.BindAsync(queue, cancel);
                }
            }
        }
    }

    /// <summary>
    /// Declares the event topology and the resources of the service that consumes this queue: its bindings, its dead-letter exchange and queue, and
    /// its replay exchange.
    /// </summary>
    public static async Task DeclareEventTopologyAsync(this IConnection connection, EventQueue own, CancellationToken cancel)
    {
        await connection.DeclareEventTopologyAsync(cancel);

        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        await channel.BindAsync(own, cancel);
        await channel.DeclareDurableQueueAsync(own.DeadLetterQueue, cancel);
        foreach (var (exchange, queue) in new[] { (own.DeadLetterExchange, own.DeadLetterQueue), (own.ReplayExchange, own.Name) })
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancel);
            await channel.QueueBindAsync(queue, exchange, routingKey: "", cancellationToken: cancel);
        }
    }

    private static async Task BindAsync(this IChannel channel, EventQueue queue, CancellationToken cancel)
    {
        foreach (var eventType in queue.EventTypes)
            await channel.QueueBindAsync(queue.Name, Topology.EventExchange, eventType, cancellationToken: cancel);
    }
}
