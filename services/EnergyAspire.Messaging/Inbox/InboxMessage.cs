namespace EnergyAspire.Messaging.Inbox;

/// <summary>Record of a handled message. It is committed with the message's effect, so that a redelivery has no effect.</summary>
public sealed class InboxMessage
{
    /// <summary>Event id.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Queue it was handled from.</summary>
    public required string Consumer { get; init; }

    /// <summary>When it was handled; old rows are removed after <see cref="EventConsumerOptions.InboxRetention"/>.</summary>
    public required DateTimeOffset HandledAt { get; init; }
}
