using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>A password hash that belongs to nobody: an unknown name costs the same work as a wrong password.</summary>
public sealed class PasswordDecoy
{
    /// <summary>An account that doesn't exist, where hashing asks for one.</summary>
    public static readonly Account Nobody = new() { Role = Roles.Client, CreatedAt = default };

    private readonly IPasswordHasher<Account> _hasher;
    private readonly string _hash;

    /// <summary>Hashes a password that nobody knows.</summary>
    public PasswordDecoy(IPasswordHasher<Account> hasher)
    {
        _hasher = hasher;
        _hash = hasher.HashPassword(Nobody, Guid.NewGuid().ToString());
    }

    /// <summary>Does the work of checking a password.</summary>
    public void Check(string password) => _hasher.VerifyHashedPassword(Nobody, _hash, password);
}
