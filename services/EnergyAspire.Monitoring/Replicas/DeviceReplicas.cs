using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Registers;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>The replicas of devices. A tombstone keeps the device's last values, because its history stays readable.</summary>
public sealed class DeviceReplicas() : ReplicaTable<MonitoringDbContext, Guid, DeviceState>(
    "device_replicas", device => device.Id, device => device.Version,
    db => db.Devices.Select(device => new HeldReplica<Guid>(device.Id, device.Version, !device.IsDeleted)),
    [Key("id", id => id)],
    [
        Value("name", device => device.Name, "''"), Value("description", device => device.Description, "''"),
        Value("max_consumption", device => device.MaxConsumption, "0"), Value("price", device => device.Price, "null"),
        Value("time_zone", device => device.TimeZone, "'UTC'"),
        Value("reporting_interval_seconds", device => device.ReportingIntervalSeconds, "600"),
        Value("settings", device => JsonColumns.Write(device.Settings ?? []), "'[]'::jsonb", type: "jsonb"),
        // A replica of the former version of Devices doesn't know them.
        Value("meters", device => device.Meters is { } meters ? JsonColumns.Write(meters) : null, "null", merged: "coalesce(excluded.meters, held.meters)", type: "jsonb"),
        Value("register_digits", device => device.RegisterDigits, "null"),
        // A replica of the former version of Devices doesn't know them.
        Value("tariffs", device => device.Tariffs is { } tariffs ? JsonColumns.Write(tariffs) : null, "null", merged: "coalesce(excluded.tariffs, held.tariffs)", type: "jsonb"),
        // The former version of Devices doesn't know them either.
        Value("direction", device => device.Direction, "null", merged: "coalesce(excluded.direction, held.direction)"),
        Value("feed_in_of", device => device.FeedInOf, "null", merged: "coalesce(excluded.feed_in_of, held.feed_in_of)"),
        Value("exists_from", device => device.ExistsFrom, "null"),
    ],
    ReplicaRules.KeepsValues)
{
    /// <summary>The table.</summary>
    public static readonly DeviceReplicas Table = new();

    /// <summary>Returns why every reading of a device in this state would fail; null when the state is usable.</summary>
    public static string? FaultOf(DeviceState device) =>
        !TimeZoneInfo.TryFindSystemTimeZoneById(device.TimeZone, out _) ? $"The device's time zone '{device.TimeZone}' is unknown."
        : device.ReportingIntervalSeconds <= 0 ? $"The device's reporting interval of {device.ReportingIntervalSeconds} seconds is not positive."
        : IsTooLong(device.ReportingIntervalSeconds) ? $"The device's reporting interval of {device.ReportingIntervalSeconds} seconds is longer than a day."
        : !IsUsable(device.Settings ?? []) ? "The history of the device's settings is not sorted, or has an interval that is not positive or longer than a day."
        : !IsSorted([.. (device.Meters ?? []).Select(meter => meter.From)]) ? "The list of the device's meters is not sorted."
        : null;

    // The energy of a reading is spread over its interval.
    private static bool IsTooLong(int seconds) => TimeSpan.FromSeconds(seconds) > HourShares.LongestSpread;

    private static bool IsUsable(IReadOnlyList<DeviceSettings> history) =>
        history.All(settings => settings.ReportingIntervalSeconds > 0 && !IsTooLong(settings.ReportingIntervalSeconds)) && IsSorted([.. history.Select(settings => settings.From)]);

    private static bool IsSorted(DateTimeOffset?[] times) =>
        times.Select((time, index) => index == 0 ? time is null : time > (times[index - 1] ?? DateTimeOffset.MinValue)).All(isSorted => isSorted);

    /// <summary>
    /// Writes states to the replicas. When a device's time zone or the history of its interval changes, its hours are recalculated from raw readings. When
    /// its meters change for a past time, readings that it has of other meters are taken back.
    /// </summary>
    public override async Task<List<bool>> ShowAsync(MonitoringDbContext db, IReadOnlyList<DeviceState> states, CancellationToken cancel)
    {
        var wanted = states.ToDictionary(state => state.Id);
        var before = (await HeldAsync(db, [.. wanted.Keys], cancel)).Where(held => Differs(held, wanted[held.Id])).ToDictionary(held => held.Id);
        if (before.Count > 0)
            await db.HoldHoursAsync(cancel);

        var written = await base.ShowAsync(db, states, cancel);
        foreach (var now in before.Count > 0 ? await HeldAsync(db, [.. before.Keys], cancel) : [])
        {
            var was = before[now.Id];
            // By the rules that the readings were counted by.
            await MeterCorrection.TakeBackAsync(db, now.Id, was.Meters ?? [], now.Meters ?? [], TimeZoneInfo.FindSystemTimeZoneById(was.TimeZone), cancel);
            if (RulesOf(was).DiffersSince(RulesOf(now)) is { } since)
                await HourRecount.RecountAsync(db, now.Id, RulesOf(was), RulesOf(now), since, cancel);
            if (RegisterOf(now) is { } register && !SameMeters(was, now.Meters))
                await RegisterStore.JudgeAgainAsync(db, register, cancel);
        }

        await ShowMetersAsync(db, [.. states.Where(state => state.Meters is { Count: > 0 } || before.ContainsKey(state.Id)).Select(state => state.Id)], cancel);
        return written;
    }

    /// <inheritdoc />
    protected override bool CanHold(DeviceState state) => FaultOf(state) is null;

    // Locks the rows, so that no other transaction changes before this one ends what readings are counted by.
    private static Task<List<DeviceReplica>> HeldAsync(MonitoringDbContext db, Guid[] devices, CancellationToken cancel) =>
        db.Devices.FromSql($"select * from device_replicas where id = any({devices}) order by id for update").AsNoTracking().ToListAsync(cancel);

    private static bool Differs(DeviceReplica held, DeviceState state) =>
        RulesOf(held).DiffersSince(new HourRules(state.TimeZone, state.ReportingIntervalSeconds, state.Settings ?? [])) is not null
        || (state.Meters is { } meters && !SameMeters(held, meters));

    private static bool SameMeters(DeviceReplica held, IReadOnlyList<DeviceMeter>? meters) => (meters ?? []).SequenceEqual(held.Meters ?? []);

    private static RegisterDevice? RegisterOf(DeviceReplica device) => device.RegisterDigits is { } digits
        ? new RegisterDevice(
            device.Id, digits, TimeZoneInfo.FindSystemTimeZoneById(device.TimeZone), Energy.FromKilowattHours(device.MaxConsumption), device.ReportingIntervalSeconds,
            device.Settings, device.Meters ?? [])
        : null;

    private static HourRules RulesOf(DeviceReplica device) => new(device.TimeZone, device.ReportingIntervalSeconds, device.Settings);

    /// <summary>Writes the rows of <see cref="MeterSpan"/> for devices.</summary>
    private static async Task ShowMetersAsync(MonitoringDbContext db, Guid[] devices, CancellationToken cancel)
    {
        if (devices.Length == 0)
            return;

        await db.Meters.Where(meter => devices.Contains(meter.DeviceId)).ExecuteDeleteAsync(cancel);
        await db.Database.ExecuteSqlAsync($"""
            insert into meter_spans (meter_id, device_id, number, valid_from, valid_until)
            select (meter ->> 'meter_id')::uuid, id, number, (meter ->> 'from')::timestamptz,
                lead((meter ->> 'from')::timestamptz) over (partition by id order by number)
            from device_replicas cross join jsonb_array_elements(meters) with ordinality as listed (meter, number)
            where id = any({devices})
            """, cancel);
    }
}
