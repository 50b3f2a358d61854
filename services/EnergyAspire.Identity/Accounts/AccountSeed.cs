using EnergyAspire.Contracts;
using EnergyAspire.Identity.Data;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Accounts that exist before anybody registers; runs under the migration lock, so once for all replicas.</summary>
public sealed class AccountSeed(
    IPasswordHasher<Account> hasher, ILookupNormalizer normalizer, IOptions<IdentitySettings> settings, IHostEnvironment environment,
    TimeProvider time, ILogger<AccountSeed> logger)
{
    /// <summary>Adds what is missing and announces it in the same commit.</summary>
    public async Task RunAsync(AuthDbContext db, CancellationToken cancel)
    {
        if (environment.IsDevelopment())
        {
            await AddMissingAsync(db, DevelopmentData.Admin, "admin", "admin123", Roles.Admin, cancel);
            await AddMissingAsync(db, DevelopmentData.Alice, "alice", "alice123", Roles.Client, cancel);
            await AddMissingAsync(db, DevelopmentData.Bob, "bob", "bob123", Roles.Client, cancel);
        }
        else if (!await db.Accounts.AnyAsync(account => account.Role == Roles.Admin, cancel))
        {
            if (settings.Value.FirstAdmin is { } first)
                Add(db, Guid.CreateVersion7(time.GetUtcNow()), first.Username, first.Password, Roles.Admin, time.GetUtcNow());
            else
                logger.NoAdministrator();
        }

        await db.SaveChangesAsync(cancel);
    }

    private async Task AddMissingAsync(
        AuthDbContext db, Guid id, string username, string password, string role, CancellationToken cancel)
    {
        if (!await db.Accounts.AnyAsync(account => account.Id == id, cancel))
            Add(db, id, username, password, role, DevelopmentData.Since);
    }

    private void Add(AuthDbContext db, Guid id, string username, string password, string role, DateTimeOffset createdAt)
    {
        var account = new Account
        {
            Id = id,
            UserName = username,
            NormalizedUserName = normalizer.NormalizeName(username),
            Role = role,
            CreatedAt = createdAt,
            SecurityStamp = Guid.NewGuid().ToString("N"),
        };
        account.PasswordHash = hasher.HashPassword(account, Passwords.Prepare(password));

        db.Add(account);
        db.Announce(new UserCreated(id, username, role, account.TokenGeneration), account.Version, createdAt);
    }
}
