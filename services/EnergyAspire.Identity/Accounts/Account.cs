using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>An account of a person who can sign in.</summary>
public sealed class Account : IdentityUser<Guid>
{
    /// <summary>Longest username in characters.</summary>
    public const int LongestUsername = 256;

    /// <summary><c>admin</c> or <c>client</c>.</summary>
    public required string Role { get; set; }

    /// <summary>Stage between registration and deletion. Only an active account can sign in.</summary>
    public AccountState State { get; set; } = AccountState.Active;

    /// <summary>Until when sign-in is refused because an admin locked it; null when it isn't locked.</summary>
    public DateTimeOffset? LockedUntil { get; set; }

    /// <summary>
    /// Access tokens carry it; those of an earlier generation are invalid. It grows with a change of role or password, a lock and a deletion.
    /// </summary>
    public long TokenGeneration { get; set; } = 1;

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Starts at 1 and grows by one with each change that is announced.</summary>
    public long Version { get; set; } = 1;
}

/// <summary>Stage of an account between registration and deletion.</summary>
public enum AccountState
{
    /// <summary>Its registration has not ended: nobody can sign in yet.</summary>
    Registering,

    /// <summary>It can sign in.</summary>
    Active,

    /// <summary>Its deletion has begun: nobody can sign in any more.</summary>
    Deleting,
}
