using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Messaging.Broker;

/// <summary>Helpers for publishers and consumers.</summary>
public static class ChannelExtensions
{
    /// <summary>Checks by a passive declaration whether a queue or an exchange exists. Returns true when the account has no right to ask.</summary>
    /// <remarks>
    /// RabbitMQ 4.2.6 and 4.3.0 refuse a passive declaration to accounts without the configure permission for the resource, later versions to
    /// accounts without any permission for it. Such an account couldn't declare the resource either. Permissions come from
    /// <c>broker-definitions.json</c>, which also defines the resources, so the resource exists.
    /// </remarks>
    /// <param name="look">Declares the queue or exchange passively.</param>
    public static async Task<bool> ExistsAsync(this IConnection connection, Func<IChannel, Task> look, CancellationToken cancel)
    {
        // A separate channel, because the broker closes it when the declaration fails.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            await look(channel);
            return true;
        }
        catch (OperationInterruptedException refusal) when (refusal.ShutdownReason?.ReplyCode is Constants.NotFound or Constants.AccessRefused)
        {
            return refusal.ShutdownReason.ReplyCode == Constants.AccessRefused;
        }
    }

    /// <summary>Declares a durable queue without arguments, as the wire contract requires of every client.</summary>
    public static Task DeclareDurableQueueAsync(this IChannel channel, string queue, CancellationToken cancel) =>
        channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancel);

    /// <summary>
    /// Starts consuming and completes when the channel closes or the broker cancels the consumer, as it does when the queue is deleted.
    /// </summary>
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
