using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Audit;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>
/// Keeps the copies of accounts up. Each event is one upsert guarded by the version, so any order and any repetition of
/// events ends in the same rows. An equal version may repair a row that differs.
/// </summary>
public static class UserReplicas
{
    /// <summary>Shows a new account.</summary>
    public static Task Apply(EventEnvelope<UserCreated> envelope, DeviceDbContext db, CancellationToken cancel) =>
        ShowAsync(db, envelope.Data.Id, envelope.Data.Username, envelope.Data.Role, envelope.Data.TokenGeneration, envelope.Version, cancel);

    /// <summary>Shows an account's new name or role, and which of its tokens count.</summary>
    public static Task Apply(EventEnvelope<UserUpdated> envelope, DeviceDbContext db, CancellationToken cancel) =>
        ShowAsync(db, envelope.Data.Id, envelope.Data.Username, envelope.Data.Role, envelope.Data.TokenGeneration, envelope.Version, cancel);

    /// <summary>Leaves a tombstone of the account, and takes away what is still assigned to it.</summary>
    public static async Task Apply(EventEnvelope<UserDeleted> envelope, DeviceDbContext db, CancellationToken cancel)
    {
        var id = envelope.Data.Id;
        if (await UpsertAsync(db, Tombstone(id, envelope.Version), cancel))
        {
            var work = new Work(db, envelope.OccurredAt, new AuditActor(Id: null, ResourceNames.Identity, Address: null));
            work.TakeAway(await db.LockMappingsOfUserAsync(id, cancel));
        }

        await db.ForgetStepsAsync(id, cancel);
    }

    /// <summary>The row of an account that is gone.</summary>
    internal static UserReplica Tombstone(Guid id, long version) =>
        new() { Id = id, Username = "", Role = "", TokenGeneration = 0, Version = version, IsDeleted = true };

    /// <summary>Writes a row unless the held one is newer; false when it is. A row stays provisional until something other than its registration writes it.</summary>
    internal static async Task<bool> UpsertAsync(DeviceDbContext db, UserReplica user, CancellationToken cancel) =>
        await db.Database.ExecuteSqlAsync($"""
            insert into user_replicas as held (id, username, role, token_generation, version, is_deleted, is_provisional)
            values ({user.Id}, {user.Username}, {user.Role}, {user.TokenGeneration}, {user.Version}, {user.IsDeleted}, {user.IsProvisional})
            on conflict (id) do update set
                username = excluded.username, role = excluded.role, token_generation = excluded.token_generation,
                version = excluded.version, is_deleted = excluded.is_deleted,
                is_provisional = held.is_provisional and excluded.is_provisional
            where held.version <= excluded.version
            """, cancel) == 1;

    private static Task<bool> ShowAsync(
        DeviceDbContext db, Guid id, string username, string role, long tokenGeneration, long version, CancellationToken cancel) => UpsertAsync(
        db,
        new UserReplica { Id = id, Username = username, Role = role, TokenGeneration = tokenGeneration, Version = version, IsDeleted = false },
        cancel);
}
