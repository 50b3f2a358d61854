using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Devices.Users;

/// <summary>
/// Access to the table of account replicas. Tombstones hold no personal data. A row is provisional until something other than its registration
/// writes it; a rebuild doesn't remove provisional rows.
/// </summary>
public sealed class UserReplicas() : ReplicaTable<DeviceDbContext, Guid, UserReplica>(
    "user_replicas", user => user.Id, user => user.Version,
    db => db.Users.Select(user => new HeldReplica<Guid>(user.Id, user.Version, !user.IsDeleted && !user.IsProvisional)),
    [Key("id", id => id)],
    [
        Value("username", user => user.Username, "''"), Value("role", user => user.Role, "''"),
        Value("token_generation", user => user.TokenGeneration, "0"),
        Value("is_provisional", user => user.IsProvisional, "false", merged: "held.is_provisional and excluded.is_provisional"),
    ],
    ReplicaRules.MayBeAhead | ReplicaRules.HasSome)
{
    /// <summary>The table.</summary>
    public static readonly UserReplicas Table = new();

    private static readonly AuditActor Identity = new(Id: null, ResourceNames.Identity, Address: null);

    /// <summary>Stores a new account.</summary>
    public static Task Apply(EventEnvelope<UserCreated> envelope, DeviceDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return Table.ShowAsync(db, [UserReplica.Of(id, username, role, generation, envelope.Version)], cancel);
    }

    /// <summary>Stores an account's new name, role and token generation.</summary>
    public static Task Apply(EventEnvelope<UserUpdated> envelope, DeviceDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return Table.ShowAsync(db, [UserReplica.Of(id, username, role, generation, envelope.Version)], cancel);
    }

    /// <summary>Stores a tombstone of the account and unassigns its devices.</summary>
    public static async Task Apply(EventEnvelope<UserDeleted> envelope, DeviceDbContext db, CancellationToken cancel)
    {
        var id = envelope.Data.Id;
        await Table.BuryAsync(db, [(id, envelope.Version)], cancel);
        await new Work(db, envelope.OccurredAt, Identity).TakeAwayFromGoneAsync([id], cancel);
        await db.ForgetStepsAsync(id, cancel);
    }
}
