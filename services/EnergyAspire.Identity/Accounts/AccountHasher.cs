using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Hashes passwords in ASP.NET Core Identity's format. Verifies that format and imported hashes.</summary>
public sealed class AccountHasher(IOptions<PasswordHasherOptions> options) : PasswordHasher<Account>(options)
{
    /// <inheritdoc />
    public override PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
    {
        if (DjangoHash.Parse(hashedPassword) is not { } imported)
            return base.VerifyHashedPassword(user, hashedPassword, providedPassword);

        return imported.Matches(providedPassword) ? PasswordVerificationResult.SuccessRehashNeeded : PasswordVerificationResult.Failed;
    }
}

/// <summary>A password hash in Django's format <c>pbkdf2_sha256$iterations$salt$key</c>. Accounts that were imported have one until their first sign-in.</summary>
internal sealed class DjangoHash
{
    private const string Algorithm = "pbkdf2_sha256";
    private const int KeyBytes = 32;

    // Django's default grows with each release and was 1,200,000 in 2026. More than this would occupy a core for seconds at each sign-in.
    private const int MostIterations = 5_000_000;

    private readonly int _iterations;
    private readonly byte[] _salt;
    private readonly byte[] _key;

    private DjangoHash(int iterations, byte[] salt, byte[] key) => (_iterations, _salt, _key) = (iterations, salt, key);

    /// <summary>Reads a hash; null when it is of another format or can't be verified.</summary>
    public static DjangoHash? Parse(string? hash)
    {
        if (hash?.Split('$') is not [Algorithm, var iterations, { Length: > 0 } salt, var key]
            || !int.TryParse(iterations, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MostIterations)
            return null;

        var bytes = new byte[KeyBytes];
        return Convert.TryFromBase64String(key, bytes, out var length) && length == KeyBytes
            ? new DjangoHash(count, Encoding.UTF8.GetBytes(salt), bytes)
            : null;
    }

    /// <summary>Whether the hash is of this password. Takes about as long as verifying a hash of our own format, and longer with more iterations.</summary>
    public bool Matches(string password) => CryptographicOperations.FixedTimeEquals(
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), _salt, _iterations, HashAlgorithmName.SHA256, KeyBytes), _key);
}
