using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Lists;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.Users.Accounts;
using EnergyAspire.Users.Profiles;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Data;

/// <summary>The database <c>user_db</c>.</summary>
public sealed class UserDbContext(DbContextOptions<UserDbContext> options) : DbContext(options)
{
    /// <summary>Constraint that keeps e-mail addresses unique, including those of profiles whose deletion has begun.</summary>
    public const string UniqueEmail = "ix_profiles_normalized_email";

    /// <summary>Profiles. A query filter hides those whose deletion has begun.</summary>
    public DbSet<Profile> Profiles => Set<Profile>();

    /// <summary>Replicas of accounts, with tombstones.</summary>
    public DbSet<AccountReplica> Accounts => Set<AccountReplica>();

    /// <summary>E-mail addresses that are reserved while a saga may still restore them.</summary>
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
            // Identity keeps usernames unique. These indexes are for the sort order of lists.
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
        modelBuilder.Entity<AccountReplica>(account =>
        {
            account.ToTable("accounts");
            account.HasKey(a => a.Id);
            account.Property(a => a.Id).ValueGeneratedNever();
        });
    }
}
