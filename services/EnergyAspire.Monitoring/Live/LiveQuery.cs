using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Live;

/// <summary>What a push needs to know.</summary>
internal static class LiveQuery
{
    // Hours are at most this long, so that the hour of a reading starts no earlier before it.
    private static readonly TimeSpan LongestHour = TimeSpan.FromHours(1);

    private static readonly TimeSpan Recent = TimeSpan.FromDays(2);
    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    /// <summary>Reads which devices accounts may see at this moment.</summary>
    public static async Task<Dictionary<Guid, HashSet<Guid>>> VisibleDevicesAsync(
        this MonitoringDbContext db, Guid[] accounts, CancellationToken cancel)
    {
        var mappings = accounts.Length == 0 ? [] : await db.Mappings
            .Where(mapping => accounts.Contains(mapping.UserId) && mapping.IsAssigned)
            .Select(mapping => new { mapping.UserId, mapping.DeviceId })
            .ToListAsync(cancel);

        return mappings.GroupBy(mapping => mapping.UserId, mapping => mapping.DeviceId).ToDictionary(account => account.Key, account => account.ToHashSet());
    }

    /// <summary>Reads where devices stand whose newest reading may have changed; one without readings has no state.</summary>
    /// <param name="db">Database.</param>
    /// <param name="devices">Devices with a timestamp at which each has a reading.</param>
    /// <param name="cancel">Set when the process stops.</param>
    public static Task<List<DeviceState>> StatesAsync(
        this MonitoringDbContext db, IReadOnlyDictionary<Guid, DateTimeOffset> devices, CancellationToken cancel) =>
        devices.Count == 0 ? Task.FromResult<List<DeviceState>>([]) : StatesAsync(db, [.. devices.Keys], devices.Values.Min(), cancel);

    /// <summary>Reads where devices stand; one without readings has no state.</summary>
    public static async Task<List<DeviceState>> StatesAsync(
        this MonitoringDbContext db, IReadOnlyCollection<Guid> devices, DateTimeOffset now, CancellationToken cancel)
    {
        if (devices.Count == 0)
            return [];

        // Planning for all partitions takes far longer than reading the newest ones, and those nearly always have it.
        var states = await RecentStatesAsync(db, devices, now, cancel);
        var silent = devices.Except(states.Select(state => state.DeviceId)).ToArray();
        if (silent.Length > 0)
            states.AddRange(await StatesAsync(db, silent, Earliest, cancel));

        return states;
    }

    /// <summary>Reads where devices stand; one without readings in the last two days has no state.</summary>
    public static Task<List<DeviceState>> RecentStatesAsync(
        this MonitoringDbContext db, IReadOnlyCollection<Guid> devices, DateTimeOffset now, CancellationToken cancel) =>
        StatesAsync(db, [.. devices], now - Recent, cancel);

    private static Task<List<DeviceState>> StatesAsync(MonitoringDbContext db, Guid[] devices, DateTimeOffset since, CancellationToken cancel)
    {
        var start = since - LongestHour;
        // The hour with the latest reading is the last one that was counted, and holds exactly the readings that it is the sum of.
        return db.Database.SqlQuery<DeviceState>($"""
            select device.id as device_id, device.time_zone, device.reporting_interval_seconds,
                hour.hour_start, hour.energy as hour_energy, hour.reading_count, latest.timestamp, latest.energy
            from unnest({devices}) as asked (id)
            join device_replicas device on device.id = asked.id and not device.is_deleted
            cross join lateral (
                select hour_start, energy, reading_count from hourly_consumption
                where device_id = device.id and hour_start >= {start}
                order by hour_start desc limit 1) as hour
            cross join lateral (
                select timestamp, energy from readings
                where device_id = device.id and timestamp >= {start} and timestamp >= hour.hour_start
                order by timestamp desc limit 1) as latest
            """).ToListAsync(cancel);
    }
}

/// <summary>A device's latest reading and the hour that it belongs to.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <param name="HourStart">When the hour starts.</param>
/// <param name="HourEnergy">Milliwatt-hours of the hour.</param>
/// <param name="ReadingCount">Readings that they are the sum of.</param>
/// <param name="Timestamp">Start of the latest reading's interval.</param>
/// <param name="Energy">Its milliwatt-hours.</param>
internal sealed record DeviceState(
    Guid DeviceId, string TimeZone, int ReportingIntervalSeconds, DateTimeOffset HourStart, long HourEnergy, int ReadingCount,
    DateTimeOffset Timestamp, long Energy);
