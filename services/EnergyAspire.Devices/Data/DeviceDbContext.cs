using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Lists;
using EnergyAspire.Devices.Devices;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Devices.Tariffs;
using EnergyAspire.Devices.Users;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.Messaging.Sagas;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Data;

/// <summary>
/// The database <c>device_db</c>. Each primary key starts with the column by which the table could be sharded, and for the same reason tables
/// have no foreign keys.
/// </summary>
public sealed class DeviceDbContext(DbContextOptions<DeviceDbContext> options) : DbContext(options)
{
    /// <summary>Devices.</summary>
    public DbSet<Device> Devices => Set<Device>();

    /// <summary>Tariffs.</summary>
    public DbSet<Tariff> Tariffs => Set<Tariff>();

    /// <summary>Who may see which device, with tombstones.</summary>
    public DbSet<Mapping> Mappings => Set<Mapping>();

    /// <summary>Replicas of accounts, with tombstones.</summary>
    public DbSet<UserReplica> Users => Set<UserReplica>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddOutbox();
        modelBuilder.AddInbox();
        modelBuilder.AddSagaSteps();
        modelBuilder.AddAudit();
        modelBuilder.AddNameCollation();

        modelBuilder.Entity<Device>(device =>
        {
            device.ToTable("devices");
            device.HasKey(d => d.Id);
            device.Property(d => d.Id).ValueGeneratedNever();
            device.Property(d => d.ExternalId).HasMaxLength(DeviceRules.LongestExternalId);
            device.HasIndex(d => d.ExternalId).IsUnique().HasDatabaseName(DeviceChanges.ExternalIds);
            device.Property(d => d.Name).HasMaxLength(255).OrderedAsName();
            device.Property(d => d.Version).IsConcurrencyToken();
            device.Property(d => d.Settings).StoredAsJson();
            device.Property(d => d.Meters).StoredAsJson();
            // For the question whose meter an id is or was.
            device.HasIndex(d => d.Meters).HasMethod("gin").HasOperators("jsonb_path_ops");
            device.Property(d => d.Direction).HasMaxLength(16).HasDefaultValue(EnergyDirection.Consumption);
            device.HasIndex(d => d.FeedInOf).IsUnique();
            device.Property(d => d.Tariffs).StoredAsJson();
            // For the question which devices have a tariff.
            device.HasIndex(d => d.Tariffs).HasMethod("gin").HasOperators("jsonb_path_ops");
            device.Ignore(d => d.CurrentSettings);
            device.HasIndex(d => new { d.Name, d.Id });
            device.HasIndex(d => new { d.CreatedAt, d.Id });
        });
        modelBuilder.Entity<Tariff>(tariff =>
        {
            tariff.ToTable("tariffs");
            tariff.HasKey(t => t.Id);
            tariff.Property(t => t.Id).ValueGeneratedNever();
            tariff.Property(t => t.Name).HasMaxLength(TariffRules.LongestName).OrderedAsName();
            tariff.Property(t => t.Currency).HasMaxLength(3);
            tariff.Property(t => t.Prices).StoredAsJson();
            tariff.Property(t => t.Version).IsConcurrencyToken();
            tariff.HasIndex(t => new { t.Name, t.Id });
        });
        modelBuilder.Entity<Mapping>(mapping =>
        {
            mapping.ToTable("mappings");
            mapping.HasKey(m => new { m.UserId, m.DeviceId });
            mapping.Property(m => m.Version).IsConcurrencyToken();
            // A row without periods is from a time before there were any.
            mapping.Property(m => m.Periods).HasColumnType("tstzmultirange").HasDefaultValueSql("'{(,)}'");
            mapping.HasIndex(m => m.DeviceId);
            mapping.HasIndex(m => m.Id);
        });
        modelBuilder.Entity<UserReplica>(user =>
        {
            user.ToTable("user_replicas");
            user.HasKey(u => u.Id);
            user.Property(u => u.Id).ValueGeneratedNever();
        });
    }
}
