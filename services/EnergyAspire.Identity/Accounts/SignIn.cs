using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>What came of a sign-in: the account, or until when the name is locked, or neither.</summary>
/// <param name="Account">Account whose password was right.</param>
/// <param name="LockedUntil">Until when the name is locked.</param>
public sealed record SignInResult(Account? Account, DateTimeOffset? LockedUntil = null)
{
    /// <summary>The name is unknown or the password is wrong; which of them is not told.</summary>
    public static readonly SignInResult Refused = new(Account: null);
}

/// <summary>Checks a name and a password.</summary>
public sealed class SignIn(
    UserManager<Account> accounts, SignInFailures failures, PasswordDecoy decoy, TimeProvider time, ILogger<SignIn> logger)
{
    /// <summary>Takes equal work and gives equal results for unknown names and wrong passwords.</summary>
    public async Task<SignInResult> CheckAsync(string username, string password, CancellationToken cancel)
    {
        if (username.Length > Account.LongestUsername || username.Contains('\0', StringComparison.Ordinal))
        {
            // No account can have such a name and the database can't hold it.
            decoy.Check(password);
            return SignInResult.Refused;
        }

        var name = accounts.NormalizeName(username);
        var attempt = await failures.BeginAsync(name, cancel);
        if (!attempt.IsAllowed)
        {
            logger.SignInWhileLocked(username, attempt.LockedUntil);
            return new SignInResult(Account: null, attempt.LockedUntil);
        }

        var account = await accounts.FindByNameAsync(username);
        if (account is null)
            decoy.Check(password);

        if (account is null || !await accounts.CheckPasswordAsync(account, password))
        {
            logger.SignInFailed(username);
            if (attempt.LocksName)
                logger.LockedOut(username, attempt.LockedUntil - time.GetUtcNow());

            return SignInResult.Refused;
        }

        await failures.ClearAsync(name, cancel);
        logger.SignedIn(account.Id, username);

        return new SignInResult(account);
    }
}
