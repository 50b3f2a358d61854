using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Validates and hashes passwords. A hash takes a tenth of a second of processor time, so at most one per core is computed at a time. Requests
/// wait for that without blocking a thread.
/// </summary>
/// <remarks>
/// Keyboards may send the same letter as different code points. So passwords are normalized before hashing: to form C with plain spaces, as in
/// the OpaqueString profile of PRECIS (RFC 8265, section 4; NIST SP 800-63B, section 3.1.1.2).
/// </remarks>
public sealed class Passwords(IPasswordHasher<Account> hasher, PasswordDecoy decoy) : IDisposable
{
    /// <summary>Longest password in characters, which bounds the work of hashing.</summary>
    public const int Longest = 256;

    private readonly SemaphoreSlim _cores = new(Environment.ProcessorCount);

    /// <summary>Errors of a newly chosen password; empty when it is valid.</summary>
    public static async Task<string[]> CheckAsync(UserManager<Account> accounts, string username, string password)
    {
        if (password.Length > Longest)
            return [$"A password has at most {Longest} characters."];

        var prepared = Prepare(password);
        if (string.Equals(prepared, Prepare(username), StringComparison.OrdinalIgnoreCase))
            return ["The password must differ from the username."];

        var problems = new List<string>();
        var account = new Account { UserName = username, Role = "", CreatedAt = default };
        foreach (var validator in accounts.PasswordValidators)
            problems.AddRange((await validator.ValidateAsync(accounts, account, prepared)).Errors.Select(error => error.Description));

        return [.. problems];
    }

    /// <summary>Hashes a password.</summary>
    public Task<string> HashAsync(string password, CancellationToken cancel) =>
        WorkAsync(() => hasher.HashPassword(PasswordDecoy.Nobody, Prepare(password)), cancel);

    /// <summary>Compares a password with an account's. Without an account it does the same work and returns false.</summary>
    public Task<bool> VerifyAsync(Account? account, string password, CancellationToken cancel) => WorkAsync(
        () =>
        {
            var prepared = Prepare(password);

            // Older hashes are of passwords that were not normalized.
            return Verify(account, prepared) || (prepared != password && Verify(account, password));
        },
        cancel);

    /// <inheritdoc />
    public void Dispose() => _cores.Dispose();

    /// <summary>Normalizes a password for hashing.</summary>
    internal static string Prepare(string password)
    {
        var prepared = new StringBuilder(password.Length);
        foreach (var rune in password.EnumerateRunes())
            prepared.Append(Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator ? " " : rune.ToString());

        return prepared.ToString().Normalize();
    }

    private bool Verify(Account? account, string password)
    {
        if (account is not null)
            return hasher.VerifyHashedPassword(account, account.PasswordHash!, password) != PasswordVerificationResult.Failed;

        decoy.Check(password);
        return false;
    }

    private async Task<T> WorkAsync<T>(Func<T> work, CancellationToken cancel)
    {
        await _cores.WaitAsync(cancel);
        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            _cores.Release();
        }
    }
}
