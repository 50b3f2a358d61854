namespace EnergyAspire.Messaging.Inbox;

/// <summary>Settings of an event consumer: retries, concurrency and the retention of its inbox.</summary>
public sealed class EventConsumerOptions
{
    /// <summary>Delay before each retry. After the last one the message is dead-lettered.</summary>
    public IReadOnlyList<TimeSpan> RetryDelays { get; set; } =
        [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10)];

    /// <summary>How many messages are handled at the same time. Failing messages delay others only when this many fail at once.</summary>
    public ushort Concurrency { get; set; } = 8;

    /// <summary>How long ids of handled messages are kept; must be longer than any redelivery can be delayed.</summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(14);
}
