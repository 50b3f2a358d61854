using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>A password hash that belongs to nobody: an unknown name costs the same work as a wrong password.</summary>
public sealed class PasswordDecoy
{
    private readonly IPasswordHasher<Account> _hasher;
    private readonly Account _nobody = new() { Role = Roles.Client, CreatedAt = default };
    private readonly string _hash;

    /// <summary>Hashes a password that nobody knows.</summary>
    public PasswordDecoy(IPasswordHasher<Account> hasher)
    {
        _hasher = hasher;
        _hash = hasher.HashPassword(_nobody, Guid.NewGuid().ToString());
    }

    /// <summary>Does the work of checking a password.</summary>
    public void Check(string password) => _hasher.VerifyHashedPassword(_nobody, _hash, password);
}
