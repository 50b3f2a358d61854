using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.Identity.Tokens.Browser;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace EnergyAspire.Identity.Data;

/// <summary>Identity's database, <c>auth_db</c>: accounts, the entries that OpenIddict keeps of tokens, keys and the outbox.</summary>
public sealed class AuthDbContext(DbContextOptions<AuthDbContext> options) : DbContext(options)
{
    /// <summary>Everybody who can sign in.</summary>
    public DbSet<Account> Accounts => Set<Account>();

    /// <summary>Wrong sign-ins by name and source.</summary>
    public DbSet<SignInFailure> SignInFailures => Set<SignInFailure>();

    /// <summary>Sessions of browsers with Identity that ended before their cookie does.</summary>
    public DbSet<EndedBrowserSession> EndedBrowserSessions => Set<EndedBrowserSession>();

    /// <summary>Keys that sign and encrypt tokens.</summary>
    public DbSet<StoredKey> SigningKeys => Set<StoredKey>();

    /// <summary>Changes that several services make together, running and ended.</summary>
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
