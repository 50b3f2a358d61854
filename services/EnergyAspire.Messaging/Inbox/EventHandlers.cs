using System.Text.Json;
using EnergyAspire.Contracts;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>Applies an event in the transaction of its inbox row. The caller saves the context and commits.</summary>
/// <param name="envelope">Event with its version. An event with a lower version than the row must have no effect.</param>
public delegate Task EventHandler<TContext, TEvent>(EventEnvelope<TEvent> envelope, TContext db, CancellationToken cancel)
    where TContext : DbContext
    where TEvent : IEvent;

/// <summary>The handlers of one queue, by event type.</summary>
public sealed class EventHandlers<TContext>
    where TContext : DbContext
{
    private readonly Dictionary<string, Func<ReadOnlyMemory<byte>, TContext, CancellationToken, Task>> _handlers = new(StringComparer.Ordinal);

    internal IReadOnlyCollection<string> EventTypes => _handlers.Keys;

    /// <summary>Handles events of one type with a static function.</summary>
    public EventHandlers<TContext> On<TEvent>(EventHandler<TContext, TEvent> handler)
        where TEvent : IEvent
    {
        _handlers.Add(TEvent.EventType, (body, db, cancel) =>
        {
            var envelope = JsonSerializer.Deserialize<EventEnvelope<TEvent>>(body.Span, MessageJson.Options);
            return envelope is { Data: not null }
                ? handler(envelope, db, cancel)
                : throw new JsonException("The event has no data.");
        });

        return this;
    }

    /// <exception cref="JsonException">The body is not an envelope of this event type.</exception>
    /// <exception cref="NotSupportedException">There is no handler for this event type.</exception>
    internal Task HandleAsync(string? eventType, ReadOnlyMemory<byte> body, TContext db, CancellationToken cancel) =>
        _handlers.TryGetValue(eventType ?? "", out var handler)
            ? handler(body, db, cancel)
            : throw new NotSupportedException($"No handler for the event type '{eventType}'.");
}
