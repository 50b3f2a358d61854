using EnergyAspire.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EnergyAspire.Messaging.Broker;

/// <summary>What publishers and consumers share on a channel.</summary>
public static class ChannelExtensions
{
    /// <summary>Declares the event exchange, every event queue with its bindings, and their dead-letter queues; repeating it changes nothing.</summary>
    public static async Task DeclareEventTopologyAsync(this IChannel channel, CancellationToken cancel)
    {
        await channel.ExchangeDeclareAsync(Topology.EventExchange, ExchangeType.Topic, durable: true, cancellationToken: cancel);
        foreach (var queue in Topology.EventQueues)
        {
            await channel.DeclareDurableQueueAsync(queue.Name, cancel);
            await channel.DeclareDurableQueueAsync(queue.DeadLetterQueue, cancel);
            foreach (var eventType in queue.EventTypes)
                await channel.QueueBindAsync(queue.Name, Topology.EventExchange, eventType, cancellationToken: cancel);
        }
    }

    /// <summary>Declares a plain durable queue, without arguments, as every client of the contract does.</summary>
    public static Task DeclareDurableQueueAsync(this IChannel channel, string queue, CancellationToken cancel) =>
        channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancel);

    /// <summary>Starts consuming and completes when the channel closes or the broker cancels the consumer, as it does when the queue is deleted.</summary>
    public static async Task ConsumeUntilStoppedAsync(
        this IChannel channel, string queue, AsyncEventingBasicConsumer consumer, CancellationToken cancel)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        consumer.ShutdownAsync += Stop;
        consumer.UnregisteredAsync += Stop;

        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancel);
        await stopped.Task.WaitAsync(cancel);

        Task Stop(object sender, AsyncEventArgs args)
        {
            stopped.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
