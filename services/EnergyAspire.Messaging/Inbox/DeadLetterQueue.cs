using System.Globalization;
using System.Text;
using System.Threading.Channels;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>A message that could not be handled.</summary>
/// <param name="Id">Message id; null when it has none, which is why it failed then.</param>
/// <param name="EventType">What it says has happened, such as <c>device_created</c>.</param>
/// <param name="Reason">Why the last try failed.</param>
/// <param name="FailedAt">When it was given up; null when somebody else put it there.</param>
/// <param name="Body">The first 2,000 characters of what was sent.</param>
public sealed record DeadLetter(string? Id, string EventType, string? Reason, DateTimeOffset? FailedAt, string Body);

/// <summary>The messages of one queue that could not be handled.</summary>
internal sealed class DeadLetterQueue(IConnectionFactory connections, EventQueue queue)
{
    /// <summary>Most messages that are shown.</summary>
    public const int MostShown = 100;

    /// <summary>Most messages that one call moves.</summary>
    public const int MostMoved = 1000;

    private const ushort TakenTogether = 100;
    private const int MostCharacters = 2000;

    // What has been counted comes within milliseconds, unless somebody else has taken it meanwhile.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Looks at the oldest messages without taking them.</summary>
    /// <returns>How many there are, and the first of them.</returns>
    public async Task<(long Count, IReadOnlyList<DeadLetter> Oldest)> LookAsync(CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        var (count, messages) = await ConsumeAsync(channel, cancel);

        // Unacknowledged, they go back to their places when the channel closes.
        var oldest = await TakeAsync(messages, Math.Min(count, MostShown), cancel);
        return (count, oldest.ConvertAll(Read));
    }

    /// <summary>
    /// Moves messages back to their queue, the oldest first: they leave only after the broker has confirmed that they are there. One that
    /// fails again comes back.
    /// </summary>
    /// <param name="moved">Told of each group that was moved, also when a later one fails.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <returns>How many are left.</returns>
    public async Task<long> ReplayAsync(Action<int> moved, CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancel);
        var (count, messages) = await ConsumeAsync(channel, cancel);

        // Those that were there at first, so that one that fails again at once is not moved round and round.
        var (taken, most) = (0, Math.Min(count, MostMoved));
        while (taken < most)
        {
            var group = await TakeAsync(messages, Math.Min(TakenTogether, most - taken), cancel);
            if (group.Count == 0)
                return await channel.MessageCountAsync(queue.DeadLetterQueue, cancel);

            await Task.WhenAll(group.Select(message =>
                channel.BasicPublishAsync("", queue.Name, mandatory: true, Revived(message), message.Body, cancel).AsTask()));
            await channel.BasicAckAsync(group[^1].DeliveryTag, multiple: true, cancel);
            taken += group.Count;
            moved(group.Count);
        }

        return count - taken;
    }

    /// <summary>Counts the messages and begins to take them, the oldest first.</summary>
    /// <remarks>
    /// Not message by message (<c>basic.get</c>): a quorum queue takes each for a consumer of its own, RabbitMQ settles a few dozen of
    /// them at once, and forgets the others' acknowledgements when the channel closes.
    /// </remarks>
    private async Task<(long Count, ChannelReader<Message> Messages)> ConsumeAsync(IChannel channel, CancellationToken cancel)
    {
        await channel.DeclareEventTopologyAsync(cancel);
        await channel.BasicQosAsync(prefetchSize: 0, TakenTogether, global: false, cancel);
        var count = await channel.MessageCountAsync(queue.DeadLetterQueue, cancel);

        var messages = Channel.CreateUnbounded<Message>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        // The body is the client's again after this.
        consumer.ReceivedAsync += (_, message) => messages.Writer.WriteAsync(
            new Message(message.DeliveryTag, message.RoutingKey, message.BasicProperties, message.Body.ToArray()), cancel).AsTask();
        await channel.BasicConsumeAsync(queue.DeadLetterQueue, autoAck: false, consumer, cancel);

        return (count, messages.Reader);
    }

    /// <summary>Takes the next messages; fewer when somebody else has got them.</summary>
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
            // It has been quiet.
        }

        return taken;
    }

    private Task<IConnection> ConnectAsync(CancellationToken cancel) => connections.CreateConnectionAsync(queue.DeadLetterQueue, cancel);

    /// <summary>As it was sent, with the event type that its consumer needs, without what its last failure left.</summary>
    private static BasicProperties Revived(Message message) => new(message.Properties)
    {
        Headers = message.Properties.Headers?
            .Where(header => header.Key is not (DeadLetterHeaders.Reason or DeadLetterHeaders.At))
            .ToDictionary(header => header.Key, header => header.Value, StringComparer.Ordinal),
    };

    private static DeadLetter Read(Message message)
    {
        var body = Encoding.UTF8.GetString(message.Body);
        return new DeadLetter(
            message.Properties.MessageId,
            DeadLetterHeaders.Read(message.Properties, DeadLetterHeaders.RoutingKey) ?? message.RoutingKey,
            DeadLetterHeaders.Read(message.Properties, DeadLetterHeaders.Reason),
            DateTimeOffset.TryParse(
                DeadLetterHeaders.Read(message.Properties, DeadLetterHeaders.At), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
            body.Length > MostCharacters ? body[..MostCharacters] : body);
    }

    private sealed record Message(ulong DeliveryTag, string RoutingKey, IReadOnlyBasicProperties Properties, byte[] Body);
}
