using EnergyAspire.Api.Names;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Creates the initial accounts. It runs under the migration lock, so one replica does it at a time.</summary>
public sealed class AccountSeed(
    IPasswordHasher<Account> hasher, IOptions<IdentitySettings> settings, IHostEnvironment environment,
    TimeProvider time, ILogger<AccountSeed> logger)
{
    private static readonly (Guid Id, string Username, string Password, string Role)[] Development =
    [
        (DevelopmentData.Admin, "admin", "admin123", Roles.Admin),
        (DevelopmentData.Alice, "alice", "alice123", Roles.Client),
        (DevelopmentData.Bob, "bob", "bob123", Roles.Client),
    ];

    /// <summary>Adds missing accounts and their events in one transaction.</summary>
    public async Task RunAsync(AuthDbContext db, CancellationToken cancel)
    {
        if (environment.IsDevelopment())
        {
            foreach (var (id, username, password, role) in Development)
                await AddMissingAsync(db, id, username, password, role, cancel);
        }
        else
        {
            var unsafeAccounts = await LockDevelopmentAccountsAsync(db, cancel);
            await db.SaveChangesAsync(cancel);
            if (!await db.Accounts.AnyAsync(account => account.Role == Roles.Admin && !unsafeAccounts.Contains(account.Id), cancel))
                await AddFirstAdminAsync(db, unsafeAccounts, cancel);
        }

        await db.SaveChangesAsync(cancel);
    }

    private async Task AddFirstAdminAsync(AuthDbContext db, List<Guid> unsafeAccounts, CancellationToken cancel)
    {
        if (settings.Value.FirstAdmin is not { } first)
        {
            logger.NoAdministrator();
            return;
        }

        var key = Usernames.Key(first.Username);
        var holder = await db.Accounts.SingleOrDefaultAsync(account => account.NormalizedUserName == key, cancel);
        if (holder is null)
            Add(db, Guid.CreateVersion7(time.GetUtcNow()), first.Username, first.Password, Roles.Admin, time.GetUtcNow());
        else if (holder.State == AccountState.Active && unsafeAccounts.Contains(holder.Id))
            await TakeOverAsync(db, holder, first.Password, cancel);
        else
            logger.FirstAdminNameTaken(first.Username);
    }

    /// <summary>Makes a locked Development account the first admin, with a new password and without its earlier tokens.</summary>
    private async Task TakeOverAsync(AuthDbContext db, Account account, string password, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var before = AccountFacts.Of(account);
        account.PasswordHash = hasher.HashPassword(account, Passwords.Prepare(password));
        account.Role = Roles.Admin;
        account.LockedUntil = null;
        account.TokenGeneration++;
        db.AnnounceUpdate(account, now);
        db.Audit(
            new AuditActor(null, "identity", null), "account_updated", now, account.Id,
            before: before, after: AccountFacts.Of(account, passwordChanged: true));
        await db.RevokeTokensAsync(account.Id, cancel);
    }

    /// <summary>
    /// Locks accounts of a database that was used in Development, as long as they have the passwords that are public in this file. Their tokens
    /// become invalid. It runs at every start outside Development.
    /// </summary>
    /// <returns>Ids of the accounts with these passwords; all of them are locked.</returns>
    private async Task<List<Guid>> LockDevelopmentAccountsAsync(AuthDbContext db, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var locked = new List<Guid>();
        foreach (var (id, _, password, _) in Development)
        {
            if (await db.Accounts.SingleOrDefaultAsync(account => account.Id == id, cancel) is not { PasswordHash: { } hash } account
                || hasher.VerifyHashedPassword(account, hash, password) == PasswordVerificationResult.Failed)
                continue;

            locked.Add(id);
            if (account.LockedUntil == Lockout.Forever)
                continue;

            var before = AccountFacts.Of(account);
            account.LockedUntil = Lockout.Forever;
            account.TokenGeneration++;
            db.AnnounceUpdate(account, now);
            db.Audit(new AuditActor(null, "identity", null), "account_locked", now, id, before: before, after: AccountFacts.Of(account));
            await db.RevokeTokensAsync(id, cancel);
            logger.DevelopmentAccountLocked(account.UserName!);
        }

        return locked;
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
            NormalizedUserName = Usernames.Key(username),
            Role = role,
            CreatedAt = createdAt,
            SecurityStamp = Guid.NewGuid().ToString("N"),
        };
        account.PasswordHash = hasher.HashPassword(account, Passwords.Prepare(password));

        db.Add(account);
        db.Announce(new UserCreated(id, username, role, account.TokenGeneration), account.Version, createdAt);
    }
}
