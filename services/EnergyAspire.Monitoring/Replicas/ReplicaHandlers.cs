using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>
/// Applies events to the copies. Each is one upsert guarded by the version, so any order and any repetition of events ends
/// in the same rows; deletions leave a tombstone.
/// </summary>
public static class ReplicaHandlers
{
    /// <summary>Shows a new account.</summary>
    public static Task Apply(EventEnvelope<UserCreated> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        UpsertUserAsync(db, envelope.Data.Id, envelope.Data.Username, envelope.Data.Role, envelope.Version, isDeleted: false, cancel);

    /// <summary>Shows an account's new name or role.</summary>
    public static Task Apply(EventEnvelope<UserUpdated> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        UpsertUserAsync(db, envelope.Data.Id, envelope.Data.Username, envelope.Data.Role, envelope.Version, isDeleted: false, cancel);

    /// <summary>Leaves a tombstone of the account.</summary>
    public static Task Apply(EventEnvelope<UserDeleted> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        UpsertUserAsync(db, envelope.Data.Id, "", "", envelope.Version, isDeleted: true, cancel);

    /// <summary>Shows a new device.</summary>
    public static Task Apply(EventEnvelope<DeviceCreated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, name, description, maxConsumption, price, timeZone, interval) = envelope.Data;
        return UpsertDeviceAsync(db, id, name, description, maxConsumption, price, timeZone, interval, envelope.Version, cancel);
    }

    /// <summary>Shows a device's new state.</summary>
    public static Task Apply(EventEnvelope<DeviceUpdated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, name, description, maxConsumption, price, timeZone, interval) = envelope.Data;
        return UpsertDeviceAsync(db, id, name, description, maxConsumption, price, timeZone, interval, envelope.Version, cancel);
    }

    /// <summary>Leaves a tombstone that keeps the device's last state, because its history stays readable.</summary>
    public static Task Apply(EventEnvelope<DeviceDeleted> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into device_replicas as held
                (id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, version, is_deleted)
            values ({envelope.Data.Id}, '', '', 0, null, 'UTC', 600, {envelope.Version}, true)
            on conflict (id) do update set version = excluded.version, is_deleted = true
            where held.version < excluded.version
            """, cancel);

    /// <summary>Lets a person see a device.</summary>
    public static Task Apply(EventEnvelope<DeviceAssigned> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        UpsertMappingAsync(db, envelope.Data.UserId, envelope.Data.DeviceId, envelope.Version, isAssigned: true, cancel);

    /// <summary>Takes the sight of a device away.</summary>
    public static Task Apply(EventEnvelope<DeviceUnassigned> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        UpsertMappingAsync(db, envelope.Data.UserId, envelope.Data.DeviceId, envelope.Version, isAssigned: false, cancel);

    private static Task<int> UpsertUserAsync(
        MonitoringDbContext db, Guid id, string username, string role, long version, bool isDeleted, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into user_replicas as held (id, username, role, version, is_deleted)
            values ({id}, {username}, {role}, {version}, {isDeleted})
            on conflict (id) do update set
                username = excluded.username, role = excluded.role, version = excluded.version, is_deleted = excluded.is_deleted
            where held.version < excluded.version
            """, cancel);

    private static Task<int> UpsertDeviceAsync(
        MonitoringDbContext db, Guid id, string name, string description, decimal maxConsumption, decimal? price, string timeZone,
        int interval, long version, CancellationToken cancel)
    {
        // Every reading of the device would fail on these, so the event goes to the dead letters instead.
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out _))
            throw new FormatException($"The device's time zone '{timeZone}' is unknown.");
        if (interval <= 0)
            throw new FormatException($"The device's reporting interval of {interval} seconds is not positive.");

        return db.Database.ExecuteSqlAsync($"""
            insert into device_replicas as held
                (id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, version, is_deleted)
            values ({id}, {name}, {description}, {maxConsumption}, {price}, {timeZone}, {interval}, {version}, false)
            on conflict (id) do update set
                name = excluded.name, description = excluded.description, max_consumption = excluded.max_consumption,
                price = excluded.price, time_zone = excluded.time_zone,
                reporting_interval_seconds = excluded.reporting_interval_seconds,
                version = excluded.version, is_deleted = false
            where held.version < excluded.version
            """, cancel);
    }

    private static Task<int> UpsertMappingAsync(
        MonitoringDbContext db, Guid userId, Guid deviceId, long version, bool isAssigned, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into mapping_replicas as held (user_id, device_id, version, is_assigned)
            values ({userId}, {deviceId}, {version}, {isAssigned})
            on conflict (user_id, device_id) do update set version = excluded.version, is_assigned = excluded.is_assigned
            where held.version < excluded.version
            """, cancel);
}
