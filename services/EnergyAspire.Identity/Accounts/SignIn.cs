using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Names;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>What came of a sign-in: the account, or why nobody signs in under the name for now, or neither.</summary>
/// <param name="Account">Account whose password was right.</param>
/// <param name="Lockout">Why nobody does.</param>
public sealed record SignInResult(Account? Account, Lockout? Lockout = null)
{
    /// <summary>The name is unknown or the password is wrong; which of them is not told.</summary>
    public static readonly SignInResult Refused = new(Account: null);
}

/// <summary>Checks a name and a password.</summary>
public sealed class SignIn(
    Passwords passwords, SignInFailures failures, KnownBrowsers browsers, AuthDbContext db, IHttpContextAccessor http, TimeProvider time,
    IdentityMetrics metrics, ILogger<SignIn> logger)
{
    /// <summary>Takes equal work and gives equal results for unknown names and wrong passwords.</summary>
    public async Task<SignInResult> CheckAsync(string username, string password, CancellationToken cancel)
    {
        if (username.Length > Account.LongestUsername || username.Contains('\0', StringComparison.Ordinal) || password.Length > Passwords.Longest)
        {
            // No account can have such a name or password, and the database can't hold the name.
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

        // Guesses at the same moment may have locked the name meanwhile; then this one may not be told apart from them.
        if (await failures.ForgetAsync(name, source, cancel) is { } lockedMeanwhile)
            return await RefuseAsync(new Lockout(lockedMeanwhile, ByAdmin: false), accountId: null);

        // Who knows the password may know that an admin locked the account.
        if (account!.LockedUntil is { } lockedByAdmin && lockedByAdmin > time.GetUtcNow())
            return await RefuseAsync(new Lockout(lockedByAdmin, ByAdmin: true), account.Id);

        logger.SignedIn(account.Id, username);
        browsers.Remember(http.HttpContext!, account);
        return await RecordAsync("signed_in", username, account.Id, new SignInResult(account), cancel);

        Task<SignInResult> RefuseAsync(Lockout lockout, Guid? accountId)
        {
            logger.SignInWhileLocked(username, lockout.Until);
            return RecordAsync("sign_in_refused", username, accountId, new SignInResult(Account: null, lockout), cancel);
        }
    }

    /// <summary>The account of a name, typed in any case and form; null where nobody can sign in, as before a registration has ended.</summary>
    private async Task<Account?> FindAsync(string username, CancellationToken cancel)
    {
        // Names from before there were rules may differ in nothing but their form; then the one that was typed is meant.
        string[] keys = [username.ToUpperInvariant(), Usernames.Key(username)];
        var found = await db.Accounts.Where(account => keys.Contains(account.NormalizedUserName!) && account.State == AccountState.Active).ToListAsync(cancel);

        return found.MinBy(account => Array.IndexOf(keys, account.NormalizedUserName));
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
