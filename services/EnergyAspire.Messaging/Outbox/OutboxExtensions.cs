using System.Diagnostics;
using System.Text.Json;
using EnergyAspire.Contracts;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Messaging.Outbox;

/// <summary>Transactional outbox: adds events to the transaction of the change that they are about.</summary>
public static class OutboxExtensions
{
    /// <summary>Adds the outbox table to a model.</summary>
    public static ModelBuilder AddOutbox(this ModelBuilder model) => model.Entity<OutboxMessage>(message =>
    {
        message.ToTable("outbox_messages");
        message.HasKey(m => m.Id);
        message.Property(m => m.Body).HasColumnType("jsonb");
        message.HasIndex(m => new { m.Aggregate, m.Version }).IsUnique();
    });

    /// <summary>Adds an event to the outbox. <c>SaveChanges</c> commits it together with the change.</summary>
    /// <param name="fact">What happened.</param>
    /// <param name="version">Version of the aggregate after the change; higher than that of any earlier event about it.</param>
    /// <param name="occurredAt">When it happened.</param>
    public static void Announce<TEvent>(this DbContext db, TEvent fact, long version, DateTimeOffset occurredAt)
        where TEvent : IEvent
    {
        var envelope = new EventEnvelope<TEvent>(Guid.CreateVersion7(occurredAt), TEvent.EventType, occurredAt, version, fact);
        db.Add(new OutboxMessage
        {
            Id = envelope.EventId,
            Aggregate = fact.Aggregate,
            Version = version,
            EventType = envelope.EventType,
            OccurredAt = occurredAt,
            Body = JsonSerializer.Serialize(envelope, MessageJson.Options),
            TraceParent = Activity.Current?.Id,
        });
    }
}
