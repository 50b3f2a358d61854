using EnergyAspire.Data.Audit;
using EnergyAspire.Devices.Data;
using EnergyAspire.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Devices.Devices;

/// <summary>Why a device isn't registered or changed.</summary>
/// <param name="Errors">Messages by field as sent.</param>
/// <param name="IsConflict">Whether another device is the reason.</param>
internal sealed record Refusal(IReadOnlyDictionary<string, string[]> Errors, bool IsConflict = false)
{
    /// <summary>The first message.</summary>
    public string Detail => Errors.Values.First()[0];

    /// <summary>A field has a value that another device has or had.</summary>
    public static Refusal Taken(string field, string detail) =>
        new(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [detail] }, IsConflict: true);
}

/// <summary>Registers and changes devices, each with its event and audit record. The single path for requests and for lines of an import.</summary>
internal static class DeviceChanges
{
    /// <summary>Name of the unique index of external ids.</summary>
    public const string ExternalIds = "ix_devices_external_id";

    /// <summary>Action of the audit record of a deletion.</summary>
    public const string Deleted = "device_deleted";

    /// <summary>Adds a device to the context. The caller saves by <see cref="SaveDevicesAsync"/>, in a transaction that holds since before.</summary>
    /// <param name="isIdWanted">Whether the id was chosen by the caller, so that it may be another device's or meter's.</param>
    /// <returns>Why it isn't added; null when it is.</returns>
    public static async Task<Refusal?> RegisterAsync(this Work work, Device device, bool isIdWanted, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        if (DeviceRules.Check(device) is { Count: > 0 } errors)
            return new Refusal(errors);

        if (isIdWanted || device.Meters is not [])
        {
            await db.HoldMetersAsync(cancel);
            // The row of a deleted device no longer exists, but its audit records are never removed.
            if (isIdWanted && await db.Set<AuditRecord>().AnyAsync(record => record.DeviceId == device.Id && record.Action == Deleted, cancel))
                return IdTaken;
            if (await db.FindUseOfOthersAsync(device, cancel) is { } use)
                return Refusal.Taken(device.FeedInOf is null ? "id" : "feed_in_of", use);
        }

        db.Add(device);
        db.Announce(device.Created(), device.Version, now);
        db.Audit(actor, "device_created", now, deviceId: device.Id, after: DeviceFacts.Of(device));

        return null;
    }

    /// <summary>
    /// Changes a locked device. If all fields have their current values, nothing changes. The feed-in of its meter gets a new time zone too. The caller
    /// saves by <see cref="SaveDevicesAsync"/>.
    /// </summary>
    /// <returns>Why it isn't changed; null when it is as requested.</returns>
    public static async Task<Refusal?> ChangeAsync(this Work work, Device device, DeviceChange request, CancellationToken cancel)
    {
        var (db, now, _) = work;
        var before = DeviceFacts.Of(device);
        request.ApplyTo(device, now);
        var errors = DeviceRules.Check(device, before.Name);
        if (ValidTimes.Fault(request.ValidFrom, now) is { } fault)
            errors["valid_from"] = [fault];
        if (device.Settings.Count > DeviceRules.MostSettings)
            errors["valid_from"] = [$"Limit, price and interval of a device can change {DeviceRules.MostSettings} times."];
        var (isTurned, isMoved) = (device.Direction != before.Direction, device.TimeZone != before.TimeZone);
        var feedIn = isTurned || isMoved ? await db.LockFeedInAsync(device.Id, cancel) : null;
        if (isTurned && feedIn is not null)
            errors["direction"] = [$"The device has a feed-in, “{feedIn.Name}”, so it consumes."];
        if (isMoved && device.FeedInOf is { } twoWay && await db.Devices.AsNoTracking().AnyAsync(other => other.Id == twoWay && other.TimeZone != device.TimeZone, cancel))
            errors["time_zone"] = ["The feed-in of a two-way meter has the time zone of the device with the meter."];
        if (errors.Count > 0)
            return new Refusal(errors);

        work.Announce(device, before);
        if (isMoved && feedIn is not null && feedIn.TimeZone != device.TimeZone)
        {
            before = DeviceFacts.Of(feedIn);
            feedIn.TimeZone = device.TimeZone;
            work.Announce(feedIn, before);
        }

        return null;
    }

    /// <summary>Adds the event and the audit record of a changed device. Without a change there are none.</summary>
    /// <param name="before">Its fields before.</param>
    /// <param name="action">Action of the audit record.</param>
    public static void Announce(this Work work, Device device, DeviceFacts before, string action = "device_updated")
    {
        var (db, now, actor) = work;
        var after = DeviceFacts.Of(device);
        if (after.AreSame(before))
            return;

        device.Version++;
        device.UpdatedAt = now;
        db.Announce(device.Updated(), device.Version, now);
        db.Audit(actor, action, now, deviceId: device.Id, before: before, after: after);
    }

    /// <summary>Reads the feed-in of a device and locks its row; null when it has none. Lock order: the device's row first.</summary>
    public static async Task<Device?> LockFeedInAsync(this DeviceDbContext db, Guid id, CancellationToken cancel) =>
        (await db.Devices.FromSql($"select * from devices where feed_in_of = {id} for update").ToListAsync(cancel)).SingleOrDefault();

    /// <summary>Saves what was added and changed. The unique indexes decide which of several concurrent callers gets an id.</summary>
    /// <returns>Which id another device has; null when everything is saved.</returns>
    public static async Task<Refusal?> SaveDevicesAsync(this DeviceDbContext db, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
            return null;
        }
        catch (DbUpdateException failure) when (failure.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } violation)
        {
            return violation.ConstraintName == ExternalIds ? ExternalIdTaken : IdTaken;
        }
    }

    private static Refusal IdTaken => Refusal.Taken("id", "This id is or was another device's. Ids aren't used again.");

    private static Refusal ExternalIdTaken => Refusal.Taken("external_id", "Another device has this external id.");
}
