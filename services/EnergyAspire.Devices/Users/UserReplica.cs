namespace EnergyAspire.Devices.Users;

/// <summary>This service's replica of an account, updated by events.</summary>
public sealed class UserReplica
{
    /// <summary>Account id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Sign-in name; empty on a tombstone.</summary>
    public required string Username { get; init; }

    /// <summary><c>admin</c> or <c>client</c>; empty on a tombstone.</summary>
    public required string Role { get; init; }

    /// <summary>Access tokens of an earlier generation are invalid.</summary>
    public required long TokenGeneration { get; init; }

    /// <summary>Version of the account in this row; older events have no effect.</summary>
    public required long Version { get; init; }

    /// <summary>Tombstone: the account is deleted. Late events don't restore it.</summary>
    public required bool IsDeleted { get; init; }

    /// <summary>
    /// Created by a registration that is still running. Only the registration removes it; a rebuild doesn't, because the source lists accounts
    /// only when their registration has ended.
    /// </summary>
    public bool IsProvisional { get; init; }

    /// <summary>The row of an account with the values from Identity.</summary>
    internal static UserReplica Of(Guid id, string username, string role, long tokenGeneration, long version) =>
        new() { Id = id, Username = username, Role = role, TokenGeneration = tokenGeneration, Version = version, IsDeleted = false };
}
