namespace EnergyAspire.Contracts;

/// <summary>How an event travels: JSON in snake_case, persistent, with <c>message_id</c> = <see cref="EventId"/>.</summary>
/// <typeparam name="TEvent">Kind of event.</typeparam>
/// <param name="EventId">Identifies the event; the same id again is a redelivery.</param>
/// <param name="EventType">Name on the wire and routing key.</param>
/// <param name="OccurredAt">When the change was made, by the announcing service's clock.</param>
/// <param name="Version">Version of the aggregate after the change; a lower one is older.</param>
/// <param name="Data">What happened.</param>
public sealed record EventEnvelope<TEvent>(Guid EventId, string EventType, DateTimeOffset OccurredAt, long Version, TEvent Data)
    where TEvent : IEvent;
