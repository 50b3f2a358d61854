using EnergyAspire.Contracts;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Monitoring.Data;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>The replicas of accounts. A tombstone keeps no personal data.</summary>
public sealed class UserReplicas() : ReplicaTable<MonitoringDbContext, Guid, UserState>(
    "user_replicas", user => user.Id, user => user.Version,
    db => db.Users.Select(user => new HeldReplica<Guid>(user.Id, user.Version, !user.IsDeleted)),
    [Key("id", id => id)],
    [
        Value("username", user => user.Username, "''"), Value("role", user => user.Role, "''"),
        Value("token_generation", user => user.TokenGeneration, "0"),
    ],
    ReplicaRules.HasSome)
{
    /// <summary>The table.</summary>
    public static readonly UserReplicas Table = new();
}
