using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Lists;
using EnergyAspire.Users.Accounts;
using EnergyAspire.Users.Profiles;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Data;

/// <summary>The database <c>user_db</c>.</summary>
public sealed class UserDbContext(DbContextOptions<UserDbContext> options) : DbContext(options)
{
    /// <summary>Constraint that keeps e-mail addresses unique; those of profiles on their way out stay taken.</summary>
    public const string UniqueEmail = "ix_profiles_normalized_email";

    /// <summary>Profiles; those whose deletion has begun look absent.</summary>
    public DbSet<Profile> Profiles => Set<Profile>();

    /// <summary>What is known of accounts, with tombstones.</summary>
    public DbSet<KnownAccount> Accounts => Set<KnownAccount>();

    /// <summary>E-mail addresses that are kept for somebody who may get them back.</summary>
    public DbSet<EmailHold> EmailHolds => Set<EmailHold>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddInbox();
        modelBuilder.AddSagaSteps();
        modelBuilder.AddAudit();
        modelBuilder.AddNameCollation();

        modelBuilder.Entity<Profile>(profile =>
        {
            profile.ToTable("profiles");
            profile.HasKey(p => p.Id);
            profile.Property(p => p.Id).ValueGeneratedNever();
            profile.Property(p => p.Username).HasMaxLength(ProfileFields.LongestUsername).OrderedAsName();
            profile.Property(p => p.Version).IsConcurrencyToken();
            profile.HasQueryFilter(p => p.DeletedAt == null);
            // Identity keeps usernames unique; these indexes serve the order of lists.
            profile.HasIndex(p => new { p.Username, p.Id });
            profile.HasIndex(p => new { p.CreatedAt, p.Id });
            profile.HasIndex(p => p.NormalizedEmail).IsUnique().HasFilter("email is not null").HasDatabaseName(UniqueEmail);
        });
        modelBuilder.Entity<EmailHold>(hold =>
        {
            hold.ToTable("email_holds");
            hold.HasKey(h => h.NormalizedEmail);
            hold.HasIndex(h => h.UserId);
        });
        modelBuilder.Entity<KnownAccount>(account =>
        {
            account.ToTable("accounts");
            account.HasKey(a => a.Id);
            account.Property(a => a.Id).ValueGeneratedNever();
        });
    }
}
