using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>A password hash that belongs to no account. Checking it makes an unknown name take the same time as a wrong password.</summary>
public sealed class PasswordDecoy
{
    /// <summary>A placeholder where the hasher needs an account; the account doesn't exist.</summary>
    public static readonly Account Nobody = new() { Role = Roles.Client, CreatedAt = default };

    private readonly IPasswordHasher<Account> _hasher;
    private readonly string _hash;

    /// <summary>Hashes a password that nobody knows.</summary>
    public PasswordDecoy(IPasswordHasher<Account> hasher)
    {
        _hasher = hasher;
        _hash = hasher.HashPassword(Nobody, Guid.NewGuid().ToString());
    }

    /// <summary>Does the same work as a password check, without a result.</summary>
    public void Check(string password) => _hasher.VerifyHashedPassword(Nobody, _hash, password);
}
