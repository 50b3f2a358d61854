using EnergyAspire.Api.Names;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.Import.Old;
using EnergyAspire.Import.Reporting;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Import.Accounts;

/// <summary>
/// Imports accounts with their profiles, in the order of a registration: login, profile, activation with event. After a crash the next run continues
/// with what is missing.
/// </summary>
internal sealed class AccountImport(ImportDatabases databases, ImportReport report, TimeProvider time, bool isDryRun)
{
    private const string Subject = "account";
    private const string UniqueName = "ix_accounts_normalized_username";

    private static readonly AuditActor Actor = new(Id: null, "import", Address: null);

    private readonly PasswordHasher<Account> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = AccountExtensions.HashIterations }));
    private readonly HashSet<string> _takenNames = new(StringComparer.Ordinal);

    /// <summary>Accounts that are here after the import.</summary>
    public HashSet<Guid> Imported { get; } = [];

    /// <summary>Imports all accounts.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var profiles = (await databases.OldUsers.ReadProfilesAsync(cancel)).ToDictionary(profile => profile.Id);
        var accounts = await databases.OldAuth.ReadAccountsAsync(cancel);
        await using (var auth = databases.Auth())
            _takenNames.UnionWith(await auth.Accounts.Select(account => account.NormalizedUserName!).ToListAsync(cancel));
        var profileImport = await ProfileImport.CreateAsync(databases, report, isDryRun, cancel);

        report.Say($"Accounts: {accounts.Count} to import.");
        var added = 0;
        foreach (var old in accounts)
        {
            profiles.Remove(old.Id, out var profile);
            if (await ImportAsync(old, profile, profileImport, cancel))
                added++;
        }

        foreach (var orphan in profiles.Values)
            report.KeptOut("profile", orphan.Id, $"{orphan.Username} has a profile and no account, so nobody can sign in.");
        report.Say($"Accounts: {added} {(isDryRun ? "would be added" : "added")}, {Imported.Count - added} were here.");
    }

    /// <returns>Whether the account was added.</returns>
    private async Task<bool> ImportAsync(OldAccount old, OldProfile? profile, ProfileImport profiles, CancellationToken cancel)
    {
        if (old.Id == Guid.Empty)
        {
            report.KeptOut(Subject, old.Id, $"{old.Username} has an id of zeros only.");
            return false;
        }

        await using var db = databases.Auth();
        var account = await db.Accounts.SingleOrDefaultAsync(held => held.Id == old.Id, cancel);
        if (account is { State: not AccountState.Registering })
        {
            await FollowAsync(db, account, old, cancel);
            Imported.Add(old.Id);
            return false;
        }

        if (await db.Set<AuditRecord>().AnyAsync(record => record.UserId == old.Id && record.Action == "account_deleted", cancel))
        {
            report.KeptOut(Subject, old.Id, $"{old.Username} was deleted here.");
            return false;
        }

        account ??= await AddAsync(db, old, cancel);
        await profiles.AddAsync(account, profile, cancel);
        Imported.Add(old.Id);
        if (isDryRun)
            return true;

        var now = time.GetUtcNow();
        account.State = AccountState.Active;
        db.Announce(new UserCreated(account.Id, account.UserName!, account.Role, account.TokenGeneration), account.Version, now);
        db.Audit(Actor, "account_imported", now, account.Id, after: AccountFacts.Of(account));
        await db.SaveChangesAsync(cancel);

        return true;
    }

    /// <summary>Adds a login that can't be used yet.</summary>
    private async Task<Account> AddAsync(AuthDbContext db, OldAccount old, CancellationToken cancel)
    {
        var hash = HashOf(old);
        while (true)
        {
            var name = ChooseName(old);
            var account = new Account
            {
                Id = old.Id,
                UserName = name,
                NormalizedUserName = Usernames.Key(name),
                PasswordHash = hash,
                Role = RoleOf(old),
                State = AccountState.Registering,
                LockedUntil = old.IsActive ? null : Lockout.Forever,
                CreatedAt = old.CreatedAt,
                SecurityStamp = Guid.NewGuid().ToString("N"),
            };
            _takenNames.Add(account.NormalizedUserName);
            if (!isDryRun)
            {
                db.Add(account);
                try
                {
                    await db.SaveChangesAsync(cancel);
                }
                catch (DbUpdateException failure) when (failure.InnerException is PostgresException { ConstraintName: UniqueName })
                {
                    // Somebody has registered with this name meanwhile.
                    db.Entry(account).State = EntityState.Detached;
                    continue;
                }
            }

            Explain(old, account);
            return account;
        }
    }

    private void Explain(OldAccount old, Account account)
    {
        if (account.UserName != old.Username)
            report.Changed(Subject, old.Id, $"The username {old.Username} is {account.UserName} here, because it is taken or can't be typed at the sign-in.");
        else if (Usernames.Read(old.Username).Error is { } error)
            report.Note(Subject, old.Id, $"The username {old.Username} stays valid, but couldn't be chosen here: {error}");
        if (!old.IsActive)
            report.Changed(Subject, old.Id, $"{account.UserName} isn't active there, so the account is locked here.");
        if (account.Role != old.Role)
            report.Changed(Subject, old.Id, $"{account.UserName} has the unknown role {old.Role} there and is a client here.");
        if (DjangoHash.Parse(old.Password) is null)
        {
            report.Changed(
                Subject, old.Id, $"The password of {account.UserName} isn't hashed with pbkdf2_sha256 there, so nobody can sign in until an admin sets a password.");
        }
    }

    /// <summary>Returns the old hash, or the hash of a random password when the old one can't be verified.</summary>
    private string HashOf(OldAccount old) =>
        DjangoHash.Parse(old.Password) is null ? _hasher.HashPassword(PasswordDecoy.Nobody, Guid.NewGuid().ToString()) : old.Password;

    private static string RoleOf(OldAccount old) => old.Role == Roles.Admin ? Roles.Admin : Roles.Client;

    /// <summary>
    /// Returns the old name if nobody has it, else with a number. Names here are compared without regard to case. Of names that differ in case only, the
    /// oldest account keeps its name.
    /// </summary>
    private string ChooseName(OldAccount old)
    {
        var typed = string.Concat(old.Username.Where(character => !char.IsControl(character))).Trim().Normalize();
        var wanted = typed.Length > 0 ? typed : $"user-{old.Id.ToString("N")[..8]}";
        var name = wanted;
        for (var number = 2; _takenNames.Contains(Usernames.Key(name)); number++)
            name = $"{wanted}-{number}";

        return name;
    }

    /// <summary>
    /// Compares an account that is here already with the replaced system. This system is right, except for a password that was changed there while
    /// nobody has used the account here.
    /// </summary>
    private async Task FollowAsync(AuthDbContext db, Account account, OldAccount old, CancellationToken cancel)
    {
        if (account.Role != RoleOf(old))
            report.Note(Subject, old.Id, $"{account.UserName} is {account.Role} here and {old.Role} there. It stays as it is here.");

        var isUnused = DjangoHash.Parse(account.PasswordHash) is not null;
        if (!isUnused || account.PasswordHash == old.Password || account.State != AccountState.Active || DjangoHash.Parse(old.Password) is null)
            return;

        report.Changed(Subject, old.Id, $"The password of {account.UserName} was changed there after the last import, and now is the same here.");
        if (isDryRun)
            return;

        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockAccountAsync(old.Id, cancel) is not { } locked || locked.PasswordHash != account.PasswordHash)
            return;

        var now = time.GetUtcNow();
        locked.PasswordHash = old.Password;
        locked.TokenGeneration++;
        await db.RevokeTokensAsync(old.Id, cancel);
        db.AnnounceUpdate(locked, now);
        db.Audit(Actor, "password_changed", now, old.Id, after: AccountFacts.Of(locked, passwordChanged: true));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }
}
