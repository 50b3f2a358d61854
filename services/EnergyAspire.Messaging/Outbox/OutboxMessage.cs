namespace EnergyAspire.Messaging.Outbox;

/// <summary>An event that was committed together with the rows it is about and is to be published. Published messages are deleted.</summary>
public sealed class OutboxMessage
{
    /// <summary>Event id and <c>message_id</c>.</summary>
    public required Guid Id { get; init; }

    /// <summary>What the event is about. Messages of one aggregate are published in the order of their versions.</summary>
    public required string Aggregate { get; init; }

    /// <summary>Version of the aggregate after the change.</summary>
    public required long Version { get; init; }

    /// <summary>Routing key.</summary>
    public required string EventType { get; init; }

    /// <summary>When the change was made.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The whole envelope as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>W3C trace context of the change; null when it wasn't traced.</summary>
    public string? TraceParent { get; init; }
}
