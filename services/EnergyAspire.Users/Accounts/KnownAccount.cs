namespace EnergyAspire.Users.Accounts;

/// <summary>What this service knows of an account, beside its profile: whether its tokens still count. Holds nothing personal, so it outlives the person.</summary>
public sealed class KnownAccount
{
    /// <summary>Account id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Tokens of an earlier generation are worthless.</summary>
    public required long TokenGeneration { get; init; }

    /// <summary>Version of the account in the newest event that came; 0 before the first.</summary>
    public required long Version { get; init; }

    /// <summary>Tombstone: the account is gone, and nothing brings it back.</summary>
    public required bool IsDeleted { get; init; }
}
