using EnergyAspire.Data.Replicas;
using EnergyAspire.Users.Data;

namespace EnergyAspire.Users.Accounts;

/// <summary>
/// This service's replica of an account, with what is needed to check its tokens. It holds no personal data, so it is kept after the account's
/// deletion.
/// </summary>
public sealed class AccountReplica
{
    /// <summary>Account id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Tokens of an earlier generation are invalid.</summary>
    public required long TokenGeneration { get; init; }

    /// <summary>Version of the account in the newest event received; 0 before the first.</summary>
    public required long Version { get; init; }

    /// <summary>Tombstone: the account is permanently deleted. Late events don't restore it.</summary>
    public required bool IsDeleted { get; init; }
}

/// <summary>Access to the table of account replicas.</summary>
public sealed class AccountReplicas() : ReplicaTable<UserDbContext, Guid, AccountReplica>(
    "accounts", account => account.Id, account => account.Version,
    db => db.Accounts.Select(account => new HeldReplica<Guid>(account.Id, account.Version, !account.IsDeleted)),
    [Key("id", id => id)], [Value("token_generation", account => account.TokenGeneration, "0")], ReplicaRules.IsFinal)
{
    /// <summary>The table.</summary>
    public static readonly AccountReplicas Table = new();
}
