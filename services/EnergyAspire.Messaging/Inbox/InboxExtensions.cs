using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>The inbox table.</summary>
public static class InboxExtensions
{
    /// <summary>Adds the inbox table to a model.</summary>
    public static ModelBuilder AddInbox(this ModelBuilder model) => model.Entity<InboxMessage>(message =>
    {
        message.ToTable("inbox_messages");
        message.HasKey(m => new { m.MessageId, m.Consumer });
        message.HasIndex(m => m.HandledAt);
    });

    /// <summary>Records a message in the current transaction; false when it was recorded before.</summary>
    internal static async Task<bool> TryRecordAsync(
        this DbContext db, Guid messageId, string consumer, DateTimeOffset now, CancellationToken cancel) =>
        await db.Database.ExecuteSqlAsync($"""
            insert into inbox_messages (message_id, consumer, handled_at) values ({messageId}, {consumer}, {now})
            on conflict do nothing
            """, cancel) == 1;
}
