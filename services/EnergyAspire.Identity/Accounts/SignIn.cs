using EnergyAspire.Api.Names;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Result of a sign-in: the account, or the lockout, or neither when name or password is wrong.</summary>
/// <param name="Account">Account, when the password was right.</param>
/// <param name="Lockout">Why sign-in is refused for now, whatever the password.</param>
public sealed record SignInResult(Account? Account, Lockout? Lockout = null)
{
    /// <summary>The name is unknown or the password is wrong; the answer doesn't tell which.</summary>
    public static readonly SignInResult Refused = new(Account: null);
}

/// <summary>Checks a username and a password, and applies lockouts.</summary>
public sealed class SignIn(
    Passwords passwords, SignInFailures failures, KnownBrowsers browsers, AuthDbContext db, IHttpContextAccessor http, TimeProvider time,
    IdentityMetrics metrics, ILogger<SignIn> logger)
{
    /// <summary>Checks a sign-in. Unknown names and wrong passwords take the same time and give the same result.</summary>
    public async Task<SignInResult> CheckAsync(string username, string password, CancellationToken cancel)
    {
        if (username.Length > Account.LongestUsername || username.Contains('\0', StringComparison.Ordinal) || password.Length > Passwords.Longest)
        {
            // No account can have such a name or password, and the name can't be stored in the database.
            await passwords.VerifyAsync(account: null, "", cancel);
            return SignInResult.Refused;
        }

        var account = await FindAsync(username, cancel);
        var name = account?.NormalizedUserName ?? Usernames.Key(username);
        var source = browsers.SourceOf(http.HttpContext!, account);
        if (await failures.LockedUntilAsync(name, source, cancel) is { } lockedUntil)
            return await RefuseAsync(new Lockout(lockedUntil, ByAdmin: false), accountId: null);

        if (!await passwords.VerifyAsync(account, password, cancel))
        {
            var failure = await failures.CountAsync(name, source, cancel);
            if (failure.CameTooLate)
                return await RefuseAsync(new Lockout(failure.LockedUntil!.Value, ByAdmin: false), accountId: null);

            logger.SignInFailed(username);
            if (failure.LockedUntil is { } until)
                logger.LockedOut(username, until - time.GetUtcNow());

            return await RecordAsync(failure.LockedUntil is null ? "sign_in_failed" : "locked_out", username, account?.Id, SignInResult.Refused, cancel);
        }

        // Concurrent guesses may have locked the name meanwhile. Then the right password must get the same answer as they do.
        if (await failures.ForgetAsync(name, source, cancel) is { } lockedMeanwhile)
            return await RefuseAsync(new Lockout(lockedMeanwhile, ByAdmin: false), accountId: null);

        // Only a caller with the right password learns that an admin locked the account.
        if (account!.LockedUntil is { } lockedByAdmin && lockedByAdmin > time.GetUtcNow())
            return await RefuseAsync(new Lockout(lockedByAdmin, ByAdmin: true), account.Id);

        if (DjangoHash.Parse(account.PasswordHash) is not null)
            await RehashAsync(account, password, cancel);

        logger.SignedIn(account.Id, username);
        browsers.Remember(http.HttpContext!, account);
        return await RecordAsync("signed_in", username, account.Id, new SignInResult(account), cancel);

        Task<SignInResult> RefuseAsync(Lockout lockout, Guid? accountId)
        {
            logger.SignInWhileLocked(username, lockout.Until);
            return RecordAsync("sign_in_refused", username, accountId, new SignInResult(Account: null, lockout), cancel);
        }
    }

    /// <summary>Finds the account of a name, in any case and Unicode form; null if there is no active account.</summary>
    private async Task<Account?> FindAsync(string username, CancellationToken cancel)
    {
        // Names that are older than the rules may differ in their Unicode form only. Then the typed form wins.
        string[] keys = [username.ToUpperInvariant(), Usernames.Key(username)];
        var found = await db.Accounts.Where(account => keys.Contains(account.NormalizedUserName!) && account.State == AccountState.Active).ToListAsync(cancel);

        return found.MinBy(account => Array.IndexOf(keys, account.NormalizedUserName));
    }

    /// <summary>Replaces an imported hash by one of this service's format, unless the password has been changed meanwhile.</summary>
    private async Task RehashAsync(Account account, string password, CancellationToken cancel)
    {
        var imported = account.PasswordHash;
        var hash = await passwords.HashAsync(password, cancel);
        await db.Accounts.Where(row => row.Id == account.Id && row.PasswordHash == imported)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.PasswordHash, hash), cancel);
    }

    private async Task<SignInResult> RecordAsync(string action, string username, Guid? accountId, SignInResult result, CancellationToken cancel)
    {
        var actor = new AuditActor(result.Account?.Id, username, http.HttpContext?.Connection.RemoteIpAddress?.ToString());
        db.Audit(actor, action, time.GetUtcNow(), accountId);
        metrics.SignInEnded(action);
        await db.SaveChangesAsync(cancel);

        return result;
    }
}
