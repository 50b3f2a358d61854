using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Rules of passwords, and the work of hashing them: a tenth of a second of a core each, so no more are hashed at once than there are
/// cores, and requests that wait for it hold no thread.
/// </summary>
/// <remarks>
/// Keyboards write the same letter in different ways, so passwords are hashed in one form: normalization form C with plain spaces, as
/// the OpaqueString profile of PRECIS says (RFC 8265, section 4; NIST SP 800-63B, section 3.1.1.2).
/// </remarks>
public sealed class Passwords(IPasswordHasher<Account> hasher, PasswordDecoy decoy) : IDisposable
{
    /// <summary>Most characters of a password; more would only be work.</summary>
    public const int Longest = 256;

    private readonly SemaphoreSlim _cores = new(Environment.ProcessorCount);

    /// <summary>Says what is wrong with a password that is chosen anew; empty when nothing is.</summary>
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

    /// <summary>Compares a password with an account's; without an account it does the same work and says no.</summary>
    public Task<bool> VerifyAsync(Account? account, string password, CancellationToken cancel) => WorkAsync(
        () =>
        {
            var prepared = Prepare(password);

            // Hashes from before passwords were normalised are of what was typed then.
            return Verify(account, prepared) || (prepared != password && Verify(account, password));
        },
        cancel);

    /// <inheritdoc />
    public void Dispose() => _cores.Dispose();

    /// <summary>The form that passwords are hashed in.</summary>
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
