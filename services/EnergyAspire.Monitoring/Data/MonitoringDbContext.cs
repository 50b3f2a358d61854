using EnergyAspire.Data;
using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Lists;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Budgets;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Registers;
using EnergyAspire.Monitoring.Replicas;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Data;

/// <summary>The database <c>monitoring_db</c>.</summary>
public sealed class MonitoringDbContext(DbContextOptions<MonitoringDbContext> options) : DbContext(options)
{
    /// <summary>Replicas of accounts.</summary>
    public DbSet<UserReplica> Users => Set<UserReplica>();

    /// <summary>Replicas of devices.</summary>
    public DbSet<DeviceReplica> Devices => Set<DeviceReplica>();

    /// <summary>When which meter measured for which device, where that isn't always the one with the device's id.</summary>
    public DbSet<MeterSpan> Meters => Set<MeterSpan>();

    /// <summary>Replicas of mappings.</summary>
    public DbSet<MappingReplica> Mappings => Set<MappingReplica>();

    /// <summary>Replicas of tariffs.</summary>
    public DbSet<TariffReplica> Tariffs => Set<TariffReplica>();

    /// <summary>Consumption by device and clock hour.</summary>
    public DbSet<HourlyConsumption> Hours => Set<HourlyConsumption>();

    /// <summary>Readings that were not accepted.</summary>
    public DbSet<QuarantinedReading> Quarantine => Set<QuarantinedReading>();

    /// <summary>Register readings whose energy is spread over more than a day.</summary>
    public DbSet<LongSpread> LongSpreads => Set<LongSpread>();

    /// <summary>Retention that was applied last.</summary>
    public DbSet<AppliedRetention> AppliedRetention => Set<AppliedRetention>();

    /// <summary>Counts of stored, duplicate and quarantined readings by hour of arrival.</summary>
    public DbSet<LedgerEntry> Ledger => Set<LedgerEntry>();

    /// <summary>Alerts about hours that exceed their device's limit, or will at the present rate.</summary>
    public DbSet<Alert> Alerts => Set<Alert>();

    /// <summary>Monthly budgets.</summary>
    public DbSet<Budget> Budgets => Set<Budget>();

    /// <summary>A part of a <c>bytea</c> column; for queries only.</summary>
    /// <param name="bytes">The column.</param>
    /// <param name="from">First byte, counted from 1.</param>
    /// <param name="count">Most bytes to return.</param>
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
            device.Property(d => d.Settings).StoredAsJson();
            device.Property(d => d.Meters!).StoredAsJson();
            device.Property(d => d.Tariffs!).StoredAsJson();
            device.Property(d => d.Direction).HasMaxLength(16);
        });
        modelBuilder.Entity<TariffReplica>(tariff =>
        {
            tariff.ToTable("tariff_replicas");
            tariff.HasKey(t => t.Id);
            tariff.Property(t => t.Id).ValueGeneratedNever();
            tariff.Property(t => t.Prices).StoredAsJson();
        });
        modelBuilder.Entity<MeterSpan>(meter =>
        {
            meter.ToTable("meter_spans");
            meter.HasKey(m => new { m.MeterId, m.DeviceId, m.Number });
            meter.HasIndex(m => m.DeviceId);
        });
        modelBuilder.Entity<MappingReplica>(mapping =>
        {
            mapping.ToTable("mapping_replicas");
            mapping.HasKey(m => new { m.UserId, m.DeviceId });
            mapping.HasIndex(m => m.DeviceId);
            // A row without periods is from a time before there were any.
            mapping.Property(m => m.Periods).HasColumnType("tstzmultirange").HasDefaultValueSql("'{(,)}'");
            mapping.Property(m => m.IsDeleted).HasDefaultValue(false);
        });
        modelBuilder.Entity<HourlyConsumption>(hour =>
        {
            hour.ToTable("hourly_consumption");
            hour.HasKey(h => new { h.DeviceId, h.HourStart });
            hour.Property(h => h.SpreadCount).HasDefaultValue(0);
        });
        modelBuilder.Entity<QuarantinedReading>(reading =>
        {
            reading.ToTable("quarantined_readings");
            reading.HasKey(r => r.Id);
            reading.Property(r => r.Id).ValueGeneratedNever();
            reading.Property(r => r.RegisterDecision).HasConversion<short?>();
            reading.HasIndex(r => new { r.DeviceId, r.Reason });
            reading.HasIndex(r => new { r.Reason, r.Id });
            reading.HasIndex(r => new { r.DeviceId, r.Timestamp });
            // For the retry of readings from the future, which queries this every two seconds.
            reading.HasIndex(r => r.Timestamp).HasFilter("reason = 'future' and discarded_at is null");
        });
        modelBuilder.Entity<LongSpread>(spread =>
        {
            spread.ToTable("long_spreads");
            spread.HasKey(s => new { s.DeviceId, s.Timestamp });
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
            // At most one alert of each kind for a device and hour.
            alert.HasKey(a => new { a.DeviceId, a.HourStart, a.Kind });
            alert.HasIndex(a => a.Id);
            alert.HasIndex(a => new { a.HourStart, a.Id });
        });
        modelBuilder.Entity<Budget>(budget =>
        {
            budget.ToTable("budgets");
            budget.HasKey(b => new { b.UserId, b.DeviceId });
            budget.HasIndex(b => b.DeviceId);
        });
    }
}
