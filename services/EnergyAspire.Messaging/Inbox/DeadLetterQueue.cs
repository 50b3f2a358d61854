using System.Globalization;
using System.Text;
using System.Threading.Channels;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>A message that could not be handled.</summary>
/// <param name="Id">Message id; null when the message has none, which makes it fail.</param>
/// <param name="EventType">Type of the event, such as <c>device_created</c>.</param>
/// <param name="Reason">Error of the last attempt.</param>
/// <param name="FailedAt">When it was dead-lettered; null when the service did not dead-letter it itself.</param>
/// <param name="Body">First 2,000 characters of the message.</param>
public sealed record DeadLetter(string? Id, string EventType, string? Reason, DateTimeOffset? FailedAt, string Body);

/// <summary>Lists and replays the dead letters of one queue.</summary>
internal sealed class DeadLetterQueue(IConnectionFactory connections, MessagingMetrics metrics, ILogger<DeadLetterQueue> logger, EventQueue queue)
{
    /// <summary>Most messages in a list.</summary>
    public const int MostShown = 100;

    /// <summary>Most messages that one call moves.</summary>
    public const int MostMoved = 1000;

    private const ushort TakenTogether = 100;
    private const int MostCharacters = 2000;

    // Longest wait for the next counted message. Messages arrive within milliseconds unless another consumer has taken them.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Reads the oldest messages and leaves them in the queue.</summary>
    /// <returns>How many there are, and the oldest of them.</returns>
    public async Task<(long Count, IReadOnlyList<DeadLetter> Oldest)> LookAsync(CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel);
        await connection.DeclareEventTopologyAsync(queue, cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        var (count, messages) = await ConsumeAsync(channel, cancel);

        // Unacknowledged messages return to their positions when the channel closes.
        var oldest = await TakeAsync(messages, Math.Min(count, MostShown), cancel);
        return (count, oldest.ConvertAll(Read));
    }

    /// <summary>
    /// Moves messages back to their queue, the oldest first. A message is acknowledged only after the broker has confirmed its copy. A message that
    /// fails again is dead-lettered again. Messages that this service didn't dead-letter are logged and dropped.
    /// </summary>
    /// <param name="done">Called after each group with the numbers of moved and dropped messages, also when a later group fails.</param>
    /// <returns>How many are left.</returns>
    public async Task<long> ReplayAsync(Action<int, int> done, CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel);
        await connection.DeclareEventTopologyAsync(queue, cancel);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancel);
        var (count, messages) = await ConsumeAsync(channel, cancel);

        // Only as many messages as there were at the start, so that a message that fails again isn't moved in a loop.
        var (taken, most) = (0, Math.Min(count, MostMoved));
        while (taken < most)
        {
            var group = await TakeAsync(messages, Math.Min(TakenTogether, most - taken), cancel);
            if (group.Count == 0)
                return await channel.MessageCountAsync(queue.DeadLetterQueue, cancel);

            var own = group.FindAll(IsOwn);
            await Task.WhenAll(own.Select(message => channel.BasicPublishAsync(
                queue.ReplayExchange, message.RoutingKey, mandatory: true, Revived(message), message.Body, cancel).AsTask()));
            await channel.BasicAckAsync(group[^1].DeliveryTag, multiple: true, cancel);
            foreach (var foreign in group.Except(own))
            {
                metrics.Refused(queue.DeadLetterQueue);
                BrokerLog.Refused(logger, foreign.RoutingKey, foreign.Properties.MessageId, queue.DeadLetterQueue, foreign.Exchange);
            }

            taken += group.Count;
            done(own.Count, group.Count - own.Count);
        }

        return count - taken;
    }

    /// <summary>Counts the messages and starts consuming them, the oldest first.</summary>
    /// <remarks>
    /// Uses a consumer instead of <c>basic.get</c>. A quorum queue treats each <c>basic.get</c> as a separate consumer. RabbitMQ processes only a few
    /// dozen of their acknowledgements at once and loses the others when the channel closes.
    /// </remarks>
    private async Task<(long Count, ChannelReader<Message> Messages)> ConsumeAsync(IChannel channel, CancellationToken cancel)
    {
        await channel.BasicQosAsync(prefetchSize: 0, TakenTogether, global: false, cancel);
        var count = await channel.MessageCountAsync(queue.DeadLetterQueue, cancel);

        var messages = Channel.CreateUnbounded<Message>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        // The body is copied, because the client reuses its buffer after this call.
        consumer.ReceivedAsync += (_, message) => messages.Writer.WriteAsync(
            new Message(message.DeliveryTag, message.Exchange, message.RoutingKey, message.BasicProperties, message.Body.ToArray()), cancel).AsTask();
        await channel.BasicConsumeAsync(queue.DeadLetterQueue, autoAck: false, consumer, cancel);

        return (count, messages.Reader);
    }

    /// <summary>Takes the next messages; fewer when another consumer has taken some.</summary>
    private static async Task<List<Message>> TakeAsync(ChannelReader<Message> messages, long count, CancellationToken cancel)
    {
        var taken = new List<Message>();
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            while (taken.Count < count)
            {
                quiet.CancelAfter(Quiet);
                taken.Add(await messages.ReadAsync(quiet.Token));
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // No message arrived within the limit.
        }

        return taken;
    }

    private Task<IConnection> ConnectAsync(CancellationToken cancel) => connections.CreateConnectionAsync(queue.DeadLetterQueue, cancel);

    private bool IsOwn(Message message) => message.Exchange == queue.DeadLetterExchange;

    /// <summary>Returns the original properties, without the headers of the last failure.</summary>
    private static BasicProperties Revived(Message message) => new(message.Properties)
    {
        Headers = message.Properties.Headers?
            .Where(header => header.Key is not (DeadLetterHeaders.Reason or DeadLetterHeaders.At or DeadLetterHeaders.RoutingKey))
            .ToDictionary(header => header.Key, header => header.Value, StringComparer.Ordinal),
    };

    private DeadLetter Read(Message message)
    {
        var body = Encoding.UTF8.GetString(message.Body);
        return new DeadLetter(
            message.Properties.MessageId,
            message.RoutingKey,
            IsOwn(message) ? DeadLetterHeaders.Read(message.Properties, DeadLetterHeaders.Reason) : "This service did not put it here; trying again removes it.",
            DateTimeOffset.TryParse(
                DeadLetterHeaders.Read(message.Properties, DeadLetterHeaders.At), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
            body.Length > MostCharacters ? body[..MostCharacters] : body);
    }

    private sealed record Message(ulong DeliveryTag, string Exchange, string RoutingKey, IReadOnlyBasicProperties Properties, byte[] Body);
}
