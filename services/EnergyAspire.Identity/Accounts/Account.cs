using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Somebody who can sign in.</summary>
public sealed class Account : IdentityUser<Guid>
{
    /// <summary>Most characters of a username.</summary>
    public const int LongestUsername = 256;

    /// <summary><c>admin</c> or <c>client</c>.</summary>
    public required string Role { get; set; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Starts at 1 and grows by one with each change that is announced.</summary>
    public long Version { get; set; } = 1;
}
