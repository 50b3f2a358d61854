namespace EnergyAspire.Devices.Users;

/// <summary>This service's copy of an account, kept up by events.</summary>
public sealed class UserReplica
{
    /// <summary>Account id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Sign-in name; empty on a tombstone.</summary>
    public required string Username { get; init; }

    /// <summary><c>admin</c> or <c>client</c>; empty on a tombstone.</summary>
    public required string Role { get; init; }

    /// <summary>Access tokens of an earlier generation are worthless.</summary>
    public required long TokenGeneration { get; init; }

    /// <summary>Version of the account that this row shows; older events have no effect.</summary>
    public required long Version { get; init; }

    /// <summary>Tombstone: the account is gone, and a late event can't bring it back.</summary>
    public required bool IsDeleted { get; init; }

    /// <summary>
    /// Made by a registration that is still running. Only the registration removes it; a rebuild doesn't, because the source lists accounts
    /// only when their registration has ended.
    /// </summary>
    public bool IsProvisional { get; init; }
}
