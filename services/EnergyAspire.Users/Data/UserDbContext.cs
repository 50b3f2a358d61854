using EnergyAspire.Users.Profiles;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Data;

/// <summary>The database <c>user_db</c>.</summary>
public sealed class UserDbContext(DbContextOptions<UserDbContext> options) : DbContext(options)
{
    /// <summary>Profiles.</summary>
    public DbSet<Profile> Profiles => Set<Profile>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Profile>(profile =>
    {
        profile.ToTable("profiles");
        profile.HasKey(p => p.Id);
        profile.Property(p => p.Id).ValueGeneratedNever();
        profile.Property(p => p.Username).HasMaxLength(255);
        profile.Property(p => p.Version).IsConcurrencyToken();
        // Identity keeps usernames unique; this index serves the order of lists.
        profile.HasIndex(p => new { p.Username, p.Id });
    });
}
