using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Messaging.Tests;

/// <summary>A database that announces events about people and keeps what came of the events it hears.</summary>
public sealed class PeopleDbContext(DbContextOptions<PeopleDbContext> options) : DbContext(options)
{
    public DbSet<Person> People => Set<Person>();

    public DbSet<Effect> Effects => Set<Effect>();

    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    public DbSet<InboxMessage> Inbox => Set<InboxMessage>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddOutbox();
        modelBuilder.AddInbox();
        modelBuilder.Entity<Person>().HasIndex(person => person.Username).IsUnique();
    }
}

/// <summary>Row that events speak of.</summary>
public sealed class Person
{
    public required Guid Id { get; init; }

    public required string Username { get; set; }

    public long Version { get; set; } = 1;
}

/// <summary>What handling an event left; handled twice, it would be there twice.</summary>
public sealed class Effect
{
    public long Id { get; init; }

    public required Guid EventId { get; init; }

    public required string Username { get; init; }
}
