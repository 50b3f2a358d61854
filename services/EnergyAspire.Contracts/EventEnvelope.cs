namespace EnergyAspire.Contracts;

/// <summary>Message body of an event: JSON in snake_case. The message is persistent and its <c>message_id</c> is <see cref="EventId"/>.</summary>
/// <typeparam name="TEvent">Kind of event.</typeparam>
/// <param name="EventId">Identifies the event; the same id again is a redelivery.</param>
/// <param name="EventType">Type name and routing key.</param>
/// <param name="OccurredAt">When the change was made, by the publishing service's clock.</param>
/// <param name="Version">Version of the aggregate after the change. An event with a lower version is older.</param>
/// <param name="Data">What happened.</param>
public sealed record EventEnvelope<TEvent>(Guid EventId, string EventType, DateTimeOffset OccurredAt, long Version, TEvent Data)
    where TEvent : IEvent;
