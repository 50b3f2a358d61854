using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Audit;
using Microsoft.AspNetCore.Identity;

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
    UserManager<Account> accounts, Passwords passwords, SignInFailures failures, AuthDbContext db, IHttpContextAccessor http, TimeProvider time,
    ILogger<SignIn> logger)
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

        var name = accounts.NormalizeName(username);
        var attempt = await failures.BeginAsync(name, cancel);
        if (!attempt.IsAllowed)
        {
            logger.SignInWhileLocked(username, attempt.LockedUntil);
            return await RefuseAsync(new Lockout(attempt.LockedUntil, ByAdmin: false), accountId: null);
        }

        var found = await accounts.FindByNameAsync(username);
        // Where registration hasn't ended or deletion has begun there is nobody to sign in.
        var account = found is { State: AccountState.Active } ? found : null;
        if (!await passwords.VerifyAsync(account, password, cancel))
        {
            logger.SignInFailed(username);
            if (attempt.LocksName)
                logger.LockedOut(username, attempt.LockedUntil - time.GetUtcNow());

            return await RecordAsync(attempt.LocksName ? "locked_out" : "sign_in_failed", username, account?.Id, SignInResult.Refused, cancel);
        }

        await failures.ClearAsync(name, cancel);
        if (account!.LockedUntil is { } lockedUntil && lockedUntil > time.GetUtcNow())
        {
            // Who knows the password may know that an admin locked the account.
            logger.SignInWhileLocked(username, lockedUntil);
            return await RefuseAsync(new Lockout(lockedUntil, ByAdmin: true), account.Id);
        }

        logger.SignedIn(account.Id, username);
        return await RecordAsync("signed_in", username, account.Id, new SignInResult(account), cancel);

        Task<SignInResult> RefuseAsync(Lockout lockout, Guid? accountId) =>
            RecordAsync("sign_in_refused", username, accountId, new SignInResult(Account: null, lockout), cancel);
    }

    private async Task<SignInResult> RecordAsync(string action, string username, Guid? accountId, SignInResult result, CancellationToken cancel)
    {
        var actor = new AuditActor(result.Account?.Id, username, http.HttpContext?.Connection.RemoteIpAddress?.ToString());
        db.Audit(actor, action, time.GetUtcNow(), accountId);
        await db.SaveChangesAsync(cancel);

        return result;
    }
}
