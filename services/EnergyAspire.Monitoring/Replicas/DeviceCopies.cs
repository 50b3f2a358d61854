using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>The copies of devices; a tombstone keeps the device's last values, because its history stays readable.</summary>
public sealed class DeviceCopies : ICopies<Guid, DeviceState>
{
    /// <summary>The copies.</summary>
    public static readonly DeviceCopies Instance = new();

    /// <inheritdoc />
    public Task<Dictionary<Guid, HeldVersion>> ReadAsync(MonitoringDbContext db, CancellationToken cancel) =>
        db.Devices.AsNoTracking()
            .Select(device => new { device.Id, device.Version, device.IsDeleted })
            .ToDictionaryAsync(device => device.Id, device => new HeldVersion(device.Version, !device.IsDeleted), cancel);

    /// <inheritdoc />
    public async Task<List<bool>> ShowAsync(MonitoringDbContext db, IReadOnlyList<DeviceState> states, CancellationToken cancel)
    {
        var ids = states.Select(state => state.Id).ToArray();
        var zones = states.ToDictionary(state => state.Id, state => state.TimeZone);
        var before = (await ZonesAsync(db, ids, cancel)).Where(held => held.TimeZone != zones[held.Id]).ToDictionary(held => held.Id, held => held.TimeZone);
        if (before.Count == 0)
            return await WriteAsync(db, states, cancel);

        await db.HoldHoursAsync(cancel);
        var written = await WriteAsync(db, states, cancel);
        foreach (var (id, zone) in (await ZonesAsync(db, [.. before.Keys], cancel)).Where(held => held.TimeZone != before[held.Id]))
        {
            await HourRecount.RecountAsync(
                db, id, TimeZoneInfo.FindSystemTimeZoneById(before[id]), TimeZoneInfo.FindSystemTimeZoneById(zone), cancel);
        }

        return written;
    }

    /// <inheritdoc />
    public Task<int> BuryAsync(MonitoringDbContext db, IReadOnlyList<(Guid Key, long Version)> rows, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into device_replicas as held
                (id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, state_version, version, is_deleted)
            select id, '', '', 0, null, 'UTC', 600, 0, version, true
            from unnest({rows.Select(row => row.Key).ToArray()}, {rows.Select(row => row.Version).ToArray()}) as gone (id, version)
            order by id
            on conflict (id) do update set version = excluded.version, is_deleted = true
            where held.version < excluded.version
            """, cancel);

    /// <inheritdoc />
    public Task DistrustAsync(MonitoringDbContext db, IReadOnlyList<(Guid Key, long Version)> rows, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            update device_replicas as held set version = 0, state_version = 0
            from unnest({rows.Select(row => row.Key).ToArray()}, {rows.Select(row => row.Version).ToArray()}) as seen (id, version)
            where held.id = seen.id and held.version = seen.version
            """, cancel);

    // Locked, so that nobody gives a device another zone between this and what follows.
    private static Task<List<HeldZone>> ZonesAsync(MonitoringDbContext db, Guid[] devices, CancellationToken cancel) =>
        db.Database.SqlQuery<HeldZone>($"""
            select id, time_zone from device_replicas where id = any({devices}) order by id for update
            """).ToListAsync(cancel);

    private static Task<List<bool>> WriteAsync(MonitoringDbContext db, IReadOnlyList<DeviceState> states, CancellationToken cancel) =>
        db.Database.SqlQuery<bool>($"""
            insert into device_replicas as held
                (id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, state_version, version, is_deleted)
            select id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, version, version, false
            from unnest(
                {states.Select(state => state.Id).ToArray()}, {states.Select(state => state.Name).ToArray()},
                {states.Select(state => state.Description).ToArray()}, {states.Select(state => state.MaxConsumption).ToArray()},
                {states.Select(state => state.Price).ToArray()}, {states.Select(state => state.TimeZone).ToArray()},
                {states.Select(state => state.ReportingIntervalSeconds).ToArray()}, {states.Select(state => state.Version).ToArray()})
                as source (id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, version)
            order by id
            on conflict (id) do update set
                name = excluded.name, description = excluded.description, max_consumption = excluded.max_consumption,
                price = excluded.price, time_zone = excluded.time_zone,
                reporting_interval_seconds = excluded.reporting_interval_seconds, state_version = excluded.state_version,
                version = greatest(held.version, excluded.version),
                is_deleted = held.is_deleted and held.version > excluded.version
            where held.state_version <= excluded.state_version
                and ((held.name, held.description, held.max_consumption, held.price, held.time_zone, held.reporting_interval_seconds, held.state_version)
                        is distinct from (excluded.name, excluded.description, excluded.max_consumption, excluded.price, excluded.time_zone,
                            excluded.reporting_interval_seconds, excluded.state_version)
                    or (held.is_deleted and held.version <= excluded.version))
            returning held.xmax = 0 as "Value"
            """).ToListAsync(cancel);

    private sealed record HeldZone(Guid Id, string TimeZone);
}
