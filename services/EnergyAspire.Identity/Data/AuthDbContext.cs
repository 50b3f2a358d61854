using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Lists;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.Identity.Tokens.Browser;
using EnergyAspire.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace EnergyAspire.Identity.Data;

/// <summary>Identity's database, <c>auth_db</c>: accounts, OpenIddict's token entries, keys, sagas and the outbox.</summary>
public sealed class AuthDbContext(DbContextOptions<AuthDbContext> options) : DbContext(options)
{
    /// <summary>Accounts, including those whose registration or deletion is unfinished.</summary>
    public DbSet<Account> Accounts => Set<Account>();

    /// <summary>Failed sign-ins by name and source.</summary>
    public DbSet<SignInFailure> SignInFailures => Set<SignInFailure>();

    /// <summary>Browser sessions of Identity that ended before their cookie expired.</summary>
    public DbSet<EndedBrowserSession> EndedBrowserSessions => Set<EndedBrowserSession>();

    /// <summary>Keys that sign and encrypt tokens.</summary>
    public DbSet<StoredKey> SigningKeys => Set<StoredKey>();

    /// <summary>Sagas, running and ended.</summary>
    public DbSet<Saga> Sagas => Set<Saga>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AuthDbContext).Assembly);
        modelBuilder.AddOutbox();
        modelBuilder.AddAudit();
        modelBuilder.AddNameCollation();

        modelBuilder.UseOpenIddict<Guid>();
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreApplication<Guid>>().ToTable("openid_applications");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().ToTable("openid_authorizations");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreScope<Guid>>().ToTable("openid_scopes");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreToken<Guid>>().ToTable("openid_tokens");
    }
}
