using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>The copies of mappings; one that was taken away stays as a tombstone.</summary>
public sealed class MappingCopies : ICopies<(Guid UserId, Guid DeviceId), MappingState>
{
    /// <summary>The copies.</summary>
    public static readonly MappingCopies Instance = new();

    /// <inheritdoc />
    public Task<Dictionary<(Guid UserId, Guid DeviceId), HeldVersion>> ReadAsync(MonitoringDbContext db, CancellationToken cancel) =>
        db.Mappings.AsNoTracking()
            .Select(mapping => new { mapping.UserId, mapping.DeviceId, mapping.Version, mapping.IsAssigned })
            .ToDictionaryAsync(
                mapping => (mapping.UserId, mapping.DeviceId), mapping => new HeldVersion(mapping.Version, mapping.IsAssigned), cancel);

    /// <inheritdoc />
    public Task<List<bool>> ShowAsync(MonitoringDbContext db, IReadOnlyList<MappingState> states, CancellationToken cancel) =>
        db.Database.SqlQuery<bool>($"""
            insert into mapping_replicas as held (user_id, device_id, version, is_assigned)
            select user_id, device_id, version, true
            from unnest(
                {states.Select(state => state.UserId).ToArray()}, {states.Select(state => state.DeviceId).ToArray()},
                {states.Select(state => state.Version).ToArray()}) as source (user_id, device_id, version)
            order by user_id, device_id
            on conflict (user_id, device_id) do update set version = excluded.version, is_assigned = true
            where held.version <= excluded.version
                and (held.version, held.is_assigned) is distinct from (excluded.version, true)
            returning held.xmax = 0 as "Value"
            """).ToListAsync(cancel);

    /// <inheritdoc />
    public Task<int> BuryAsync(
        MonitoringDbContext db, IReadOnlyList<((Guid UserId, Guid DeviceId) Key, long Version)> rows, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into mapping_replicas as held (user_id, device_id, version, is_assigned)
            select user_id, device_id, version, false
            from unnest(
                {rows.Select(row => row.Key.UserId).ToArray()}, {rows.Select(row => row.Key.DeviceId).ToArray()},
                {rows.Select(row => row.Version).ToArray()}) as gone (user_id, device_id, version)
            order by user_id, device_id
            on conflict (user_id, device_id) do update set version = excluded.version, is_assigned = false
            where held.version < excluded.version
            """, cancel);

    /// <inheritdoc />
    public Task DistrustAsync(
        MonitoringDbContext db, IReadOnlyList<((Guid UserId, Guid DeviceId) Key, long Version)> rows, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            update mapping_replicas as held set version = 0
            from unnest(
                {rows.Select(row => row.Key.UserId).ToArray()}, {rows.Select(row => row.Key.DeviceId).ToArray()},
                {rows.Select(row => row.Version).ToArray()}) as seen (user_id, device_id, version)
            where held.user_id = seen.user_id and held.device_id = seen.device_id and held.version = seen.version
            """, cancel);
}
