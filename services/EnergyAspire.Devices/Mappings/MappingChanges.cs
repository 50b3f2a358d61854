using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.Devices.Users;
using EnergyAspire.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Assigns devices to users and unassigns them.</summary>
/// <remarks>
/// Lock order: first rows of <c>user_replicas</c>, then of <c>devices</c>, then of <c>mappings</c>, and rows of one table in the order of their
/// key. Every transaction that changes mappings keeps to it, so two of them can't deadlock. Assigning locks the rows of the user and the
/// device with <c>for share</c>, while deleting either of them takes a stronger lock: so a deletion waits for an assignment that is under way,
/// then finds its mapping and removes it.
/// </remarks>
internal static class MappingChanges
{
    /// <summary>Reads a user and prevents its deletion until the transaction ends; null when there is none.</summary>
    public static async Task<UserReplica?> HoldUserAsync(this DeviceDbContext db, Guid id, CancellationToken cancel) =>
        (await db.Users.FromSql($"select * from user_replicas where id = {id} and not is_deleted for share").AsNoTracking().ToListAsync(cancel)).SingleOrDefault();

    /// <summary>Reads a device and prevents its change and deletion until the transaction ends; null when there is none.</summary>
    public static async Task<Device?> HoldDeviceAsync(this DeviceDbContext db, Guid id, CancellationToken cancel) =>
        (await db.Devices.FromSql($"select * from devices where id = {id} for share").AsNoTracking().ToListAsync(cancel)).SingleOrDefault();

    /// <summary>Locks the mapping between a user and a device, if the device is assigned.</summary>
    public static Task<List<Mapping>> LockMappingAsync(this DeviceDbContext db, Guid userId, Guid deviceId, CancellationToken cancel) =>
        db.Mappings.FromSql($"select * from mappings where user_id = {userId} and device_id = {deviceId} and is_assigned for update").ToListAsync(cancel);

    /// <summary>Locks every mapping of a device.</summary>
    public static Task<List<Mapping>> LockMappingsOfDeviceAsync(this DeviceDbContext db, Guid deviceId, CancellationToken cancel) =>
        db.Mappings.FromSql($"select * from mappings where device_id = {deviceId} and is_assigned order by user_id for update").ToListAsync(cancel);

    /// <summary>Locks every mapping of a user.</summary>
    public static Task<List<Mapping>> LockMappingsOfUserAsync(this DeviceDbContext db, Guid userId, CancellationToken cancel) =>
        db.Mappings.FromSql($"select * from mappings where user_id = {userId} and is_assigned order by device_id for update").ToListAsync(cancel);

    /// <summary>Removes all mappings of the users among these who are deleted, each with its event and audit record. The caller saves.</summary>
    public static async Task TakeAwayFromGoneAsync(this Work work, IReadOnlyList<Guid> userIds, CancellationToken cancel) =>
        work.TakeAway(await work.Db.Mappings
            .FromSql($"""
                select * from mappings where user_id = any({userIds.ToArray()}) and is_assigned
                    and exists (select from user_replicas where id = user_id and is_deleted)
                order by user_id, device_id for update
                """)
            .ToListAsync(cancel));

    /// <summary>
    /// Assigns a device, with its event and audit record; null when it is assigned already. The upsert lets exactly one of several concurrent
    /// callers create the mapping.
    /// </summary>
    /// <param name="from">When the device begins to belong to the user; an earlier period that it overlaps is joined with it.</param>
    public static async Task<Mapping?> AssignAsync(this Work work, Guid userId, Guid deviceId, DateTimeOffset from, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        var assigned = (await db.Mappings
            .FromSql($"""
                insert into mappings as held (user_id, device_id, id, is_assigned, assigned_at, periods, version)
                values ({userId}, {deviceId}, {Guid.CreateVersion7(now)}, true, {now}, tstzmultirange(tstzrange({from}, null)), 1)
                on conflict (user_id, device_id) do update set
                    id = excluded.id, is_assigned = true, assigned_at = excluded.assigned_at, version = held.version + 1,
                    -- A replica of the former version leaves a period open.
                    periods = case when upper_inf(held.periods) then excluded.periods else held.periods + excluded.periods end
                where not held.is_assigned
                returning *
                """)
            .AsNoTracking()
            .ToListAsync(cancel)).SingleOrDefault();
        if (assigned is not null)
        {
            db.Announce(assigned.Assigned(), assigned.Version, now);
            db.Audit(actor, "device_assigned", now, userId, deviceId, after: MappingFacts.Of(assigned));
        }

        return assigned;
    }

    /// <summary>Removes locked mappings, each with its event and audit record. Their rows stay as tombstones. The caller saves.</summary>
    public static void TakeAway(this Work work, IEnumerable<Mapping> mappings)
    {
        foreach (var mapping in mappings)
        {
            work.Db.Audit(work.Actor, "device_unassigned", work.Now, mapping.UserId, mapping.DeviceId, before: MappingFacts.Of(mapping));
            mapping.Periods = mapping.CurrentPeriods().EndedAt(work.Now);
            mapping.IsAssigned = false;
            mapping.Version++;
            work.Db.Announce(mapping.Unassigned(), mapping.Version, work.Now);
        }
    }

    /// <summary>Restores removed mappings of a user whose row is locked, if their devices still exist. The caller saves.</summary>
    public static async Task BringBackAsync(this Work work, Guid userId, IReadOnlyList<Guid> deviceIds, CancellationToken cancel)
    {
        var devices = (await work.Db.Devices
            .FromSql($"select * from devices where id = any({deviceIds.ToArray()}) order by id for share")
            .AsNoTracking()
            .ToListAsync(cancel)).ConvertAll(device => device.Id).ToArray();
        var mappings = await work.Db.Mappings
            .FromSql($"""
                select * from mappings where user_id = {userId} and device_id = any({devices}) and not is_assigned
                order by device_id for update
                """)
            .ToListAsync(cancel);

        foreach (var mapping in mappings)
        {
            mapping.Periods = mapping.CurrentPeriods().Reopened(work.Now);
            mapping.IsAssigned = true;
            mapping.Version++;
            work.Db.Announce(mapping.Assigned(), mapping.Version, work.Now);
            work.Db.Audit(work.Actor, "device_assigned", work.Now, userId, mapping.DeviceId, after: MappingFacts.Of(mapping));
        }
    }
}

/// <summary>Data of a mapping in audit records.</summary>
internal sealed record MappingFacts(Guid Id, DateTimeOffset AssignedAt, IReadOnlyList<MappingPeriod> Periods)
{
    public static MappingFacts Of(Mapping mapping) => new(mapping.Id, mapping.AssignedAt, mapping.ToldPeriods());
}
