using System.Globalization;
using System.Text;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using RabbitMQ.Client;

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

    private const int MovedTogether = 100;
    private const int MostCharacters = 2000;

    /// <summary>Looks at the oldest messages without taking them.</summary>
    /// <returns>How many there are, and the first of them.</returns>
    public async Task<(long Count, IReadOnlyList<DeadLetter> Oldest)> LookAsync(CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        await channel.DeclareEventTopologyAsync(cancel);

        var letters = new List<DeadLetter>();
        var rest = 0L;
        // Unacknowledged, they go back to their places when the channel closes.
        while (letters.Count < MostShown && await channel.BasicGetAsync(queue.DeadLetterQueue, autoAck: false, cancel) is { } message)
        {
            letters.Add(Read(message));
            rest = message.MessageCount;
        }

        return (letters.Count + rest, letters);
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
        await channel.DeclareEventTopologyAsync(cancel);

        // Those that were there at first, so that one that fails again at once is not moved round and round.
        var (taken, there) = (0L, 1L);
        while (taken < Math.Min(there, MostMoved))
        {
            var group = new List<BasicGetResult>();
            while (group.Count < MovedTogether && taken + group.Count < Math.Min(there, MostMoved)
                && await channel.BasicGetAsync(queue.DeadLetterQueue, autoAck: false, cancel) is { } message)
            {
                group.Add(message);
                there = Math.Max(there, message.MessageCount + 1);
            }

            if (group.Count == 0)
                return 0;

            await Task.WhenAll(group.Select(message =>
                channel.BasicPublishAsync("", queue.Name, mandatory: true, Revived(message), message.Body, cancel).AsTask()));
            await channel.BasicAckAsync(group[^1].DeliveryTag, multiple: true, cancel);
            taken += group.Count;
            moved(group.Count);
        }

        return there - taken;
    }

    private Task<IConnection> ConnectAsync(CancellationToken cancel) => connections.CreateConnectionAsync(queue.DeadLetterQueue, cancel);

    /// <summary>As it was sent, with the event type that its consumer needs, without what its last failure left.</summary>
    private static BasicProperties Revived(BasicGetResult message) => new(message.BasicProperties)
    {
        Headers = message.BasicProperties.Headers?
            .Where(header => header.Key is not (DeadLetterHeaders.Reason or DeadLetterHeaders.At))
            .ToDictionary(header => header.Key, header => header.Value, StringComparer.Ordinal),
    };

    private static DeadLetter Read(BasicGetResult message)
    {
        var body = Encoding.UTF8.GetString(message.Body.Span);
        return new DeadLetter(
            message.BasicProperties.MessageId,
            DeadLetterHeaders.Read(message.BasicProperties, DeadLetterHeaders.RoutingKey) ?? message.RoutingKey,
            DeadLetterHeaders.Read(message.BasicProperties, DeadLetterHeaders.Reason),
            DateTimeOffset.TryParse(
                DeadLetterHeaders.Read(message.BasicProperties, DeadLetterHeaders.At), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
            body.Length > MostCharacters ? body[..MostCharacters] : body);
    }
}
