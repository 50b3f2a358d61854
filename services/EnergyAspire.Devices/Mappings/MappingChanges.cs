using EnergyAspire.Devices.Data;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Audit;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Assigning devices and taking them away.</summary>
/// <remarks>
/// Lock order: first rows of <c>user_replicas</c>, then of <c>devices</c>, then of <c>mappings</c>, and rows of one table in the order of their
/// key. Every transaction that changes mappings keeps to it, so two of them can't deadlock. Assigning locks the rows of the user and the
/// device with <c>for share</c>, while deleting either of them takes a stronger lock: so a deletion waits for an assignment that is under way,
/// then finds its mapping and takes it away.
/// </remarks>
internal static class MappingChanges
{
    /// <summary>Locks the mapping between a user and a device, if the device is assigned.</summary>
    public static Task<List<Mapping>> LockMappingAsync(this DeviceDbContext db, Guid userId, Guid deviceId, CancellationToken cancel) =>
        db.Mappings.FromSql($"select * from mappings where user_id = {userId} and device_id = {deviceId} and is_assigned for update").ToListAsync(cancel);

    /// <summary>Locks every mapping of a device.</summary>
    public static Task<List<Mapping>> LockMappingsOfDeviceAsync(this DeviceDbContext db, Guid deviceId, CancellationToken cancel) =>
        db.Mappings.FromSql($"select * from mappings where device_id = {deviceId} and is_assigned order by user_id for update").ToListAsync(cancel);

    /// <summary>Locks every mapping of a user.</summary>
    public static Task<List<Mapping>> LockMappingsOfUserAsync(this DeviceDbContext db, Guid userId, CancellationToken cancel) =>
        db.Mappings.FromSql($"select * from mappings where user_id = {userId} and is_assigned order by device_id for update").ToListAsync(cancel);

    /// <summary>Assigns a device, with its event and audit record; null when it is assigned already. When several callers assign the same device at once, the upsert lets exactly one of them create the mapping.</summary>
    public static async Task<Mapping?> AssignAsync(this Work work, Guid userId, Guid deviceId, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        var assigned = (await db.Mappings
            .FromSql($"""
                insert into mappings as held (user_id, device_id, id, is_assigned, assigned_at, version)
                values ({userId}, {deviceId}, {Guid.CreateVersion7(now)}, true, {now}, 1)
                on conflict (user_id, device_id) do update set
                    id = excluded.id, is_assigned = true, assigned_at = excluded.assigned_at, version = held.version + 1
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

    /// <summary>Takes locked mappings away, each with its own event and audit record; saved by the caller.</summary>
    public static void TakeAway(this Work work, IEnumerable<Mapping> mappings)
    {
        foreach (var mapping in mappings)
        {
            work.Db.Audit(work.Actor, "device_unassigned", work.Now, mapping.UserId, mapping.DeviceId, before: MappingFacts.Of(mapping));
            mapping.IsAssigned = false;
            mapping.Version++;
            work.Db.Announce(mapping.Unassigned(), mapping.Version, work.Now);
        }
    }

    /// <summary>Brings mappings back that were taken away from a locked user, as far as their devices are still there; saved by the caller.</summary>
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
            mapping.IsAssigned = true;
            mapping.Version++;
            work.Db.Announce(mapping.Assigned(), mapping.Version, work.Now);
            work.Db.Audit(work.Actor, "device_assigned", work.Now, userId, mapping.DeviceId, after: MappingFacts.Of(mapping));
        }
    }
}

/// <summary>What audit records tell of a mapping.</summary>
internal sealed record MappingFacts(Guid Id, DateTimeOffset AssignedAt)
{
    public static MappingFacts Of(Mapping mapping) => new(mapping.Id, mapping.AssignedAt);
}
