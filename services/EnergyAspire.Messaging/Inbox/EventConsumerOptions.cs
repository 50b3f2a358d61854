namespace EnergyAspire.Messaging.Inbox;

/// <summary>How a consumer deals with messages that fail.</summary>
public sealed class EventConsumerOptions
{
    /// <summary>Waiting time before each further try; when they are used up the message is dead-lettered.</summary>
    public IReadOnlyList<TimeSpan> RetryDelays { get; set; } =
        [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10)];

    /// <summary>How many messages are handled at the same time; a failing one holds back no other until this many fail.</summary>
    public ushort Concurrency { get; set; } = 8;

    /// <summary>How long handled ids are kept; longer than any redelivery may come late.</summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(14);
}
