using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Data;

/// <summary>The database <c>monitoring_db</c>.</summary>
public sealed class MonitoringDbContext(DbContextOptions<MonitoringDbContext> options) : DbContext(options)
{
    /// <summary>Copies of accounts.</summary>
    public DbSet<UserReplica> Users => Set<UserReplica>();

    /// <summary>Copies of devices.</summary>
    public DbSet<DeviceReplica> Devices => Set<DeviceReplica>();

    /// <summary>Copies of mappings.</summary>
    public DbSet<MappingReplica> Mappings => Set<MappingReplica>();

    /// <summary>Consumption by device and clock hour.</summary>
    public DbSet<HourlyConsumption> Hours => Set<HourlyConsumption>();

    /// <summary>Readings that could not be accepted.</summary>
    public DbSet<QuarantinedReading> Quarantine => Set<QuarantinedReading>();

    /// <summary>By which retention raw readings were dropped last.</summary>
    public DbSet<AppliedRetention> AppliedRetention => Set<AppliedRetention>();

    /// <summary>What became of every reading that arrived, by hour of arrival.</summary>
    public DbSet<LedgerEntry> Ledger => Set<LedgerEntry>();

    /// <summary>Hours over the limit of their device, or on the way there.</summary>
    public DbSet<Alert> Alerts => Set<Alert>();

    /// <summary>Some of the bytes of a column, in queries only.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="from">The first that is meant, counted from 1.</param>
    /// <param name="count">How many at most.</param>
    public static byte[] Substring(byte[] bytes, int from, int count) => throw new NotSupportedException("Only the database does this.");

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDbFunction(() => Substring(default!, default, default)).HasName("substr").IsBuiltIn();

        modelBuilder.AddInbox();
        modelBuilder.AddOutbox();
        modelBuilder.AddAudit();
        modelBuilder.AddNameCollation();

        modelBuilder.Entity<UserReplica>(user =>
        {
            user.ToTable("user_replicas");
            user.HasKey(u => u.Id);
            user.Property(u => u.Id).ValueGeneratedNever();
            user.Property(u => u.Username).OrderedAsName();
            user.HasIndex(u => new { u.Username, u.Id });
        });
        modelBuilder.Entity<DeviceReplica>(device =>
        {
            device.ToTable("device_replicas");
            device.HasKey(d => d.Id);
            device.Property(d => d.Id).ValueGeneratedNever();
            device.Property(d => d.Name).OrderedAsName();
            device.HasIndex(d => new { d.Name, d.Id });
        });
        modelBuilder.Entity<MappingReplica>(mapping =>
        {
            mapping.ToTable("mapping_replicas");
            mapping.HasKey(m => new { m.UserId, m.DeviceId });
            mapping.HasIndex(m => m.DeviceId);
        });
        modelBuilder.Entity<HourlyConsumption>(hour =>
        {
            hour.ToTable("hourly_consumption");
            hour.HasKey(h => new { h.DeviceId, h.HourStart });
        });
        modelBuilder.Entity<QuarantinedReading>(reading =>
        {
            reading.ToTable("quarantined_readings");
            reading.HasKey(r => r.Id);
            reading.Property(r => r.Id).ValueGeneratedNever();
            reading.HasIndex(r => new { r.DeviceId, r.Reason });
            reading.HasIndex(r => new { r.Reason, r.Id });
            reading.HasIndex(r => new { r.DeviceId, r.Timestamp });
            // Those that are tried again when their time comes, asked for every other second.
            reading.HasIndex(r => r.Timestamp).HasFilter("reason = 'future' and discarded_at is null");
        });
        modelBuilder.Entity<AppliedRetention>(retention =>
        {
            retention.ToTable("applied_retention");
            retention.HasKey(r => r.Id);
            retention.Property(r => r.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<LedgerEntry>(entry =>
        {
            entry.ToTable("ledger");
            entry.HasKey(e => new { e.Hour, e.Writer });
        });
        modelBuilder.Entity<Alert>(alert =>
        {
            alert.ToTable("alerts");
            // One of each kind for a device and hour, ever.
            alert.HasKey(a => new { a.DeviceId, a.HourStart, a.Kind });
            alert.HasIndex(a => a.Id);
        });
    }
}
