using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>The newest readings of devices, with the hours that they belong to.</summary>
internal static class LatestReadings
{
    // A clock hour lasts at most this long, so a reading's hour starts at most this long before the reading.
    private static readonly TimeSpan LongestHour = TimeSpan.FromHours(1);

    private static readonly TimeSpan Recent = TimeSpan.FromDays(2);
    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    /// <summary>Reads the latest readings of devices that have new ones. A device without readings is left out.</summary>
    /// <param name="devices">Devices with a timestamp at which each has a reading.</param>
    public static Task<List<LatestReading>> LatestReadingsAsync(
        this MonitoringDbContext db, IReadOnlyDictionary<Guid, DateTimeOffset> devices, CancellationToken cancel) =>
        devices.Count == 0 ? Task.FromResult<List<LatestReading>>([]) : LatestReadingsAsync(db, [.. devices.Keys], devices.Values.Min(), cancel);

    /// <summary>Reads the latest readings of devices. A device without readings is left out.</summary>
    public static async Task<List<LatestReading>> LatestReadingsAsync(
        this MonitoringDbContext db, IReadOnlyCollection<Guid> devices, DateTimeOffset now, CancellationToken cancel)
    {
        if (devices.Count == 0)
            return [];

        // The newest partitions nearly always have the latest reading. Planning a query over all partitions takes far longer than reading these.
        var readings = await RecentReadingsAsync(db, devices, now, cancel);
        var silent = devices.Except(readings.Select(reading => reading.DeviceId)).ToArray();
        if (silent.Length > 0)
            readings.AddRange(await LatestReadingsAsync(db, silent, Earliest, cancel));

        return readings;
    }

    /// <summary>Reads the latest readings of devices. A device without readings in the last two days is left out.</summary>
    public static Task<List<LatestReading>> RecentReadingsAsync(
        this MonitoringDbContext db, IReadOnlyCollection<Guid> devices, DateTimeOffset now, CancellationToken cancel) =>
        LatestReadingsAsync(db, [.. devices], now - Recent, cancel);

    private static Task<List<LatestReading>> LatestReadingsAsync(MonitoringDbContext db, Guid[] devices, DateTimeOffset since, CancellationToken cancel)
    {
        var start = since - LongestHour;
        // The latest reading lies in the device's last hour that counts a reading. Later hours may have energy that is spread over them. The last reading of
        // a register has no energy before the next one, and the one before it may lie in the hour before that.
        return db.Database.SqlQuery<LatestReading>($"""
            select device.id as device_id, device.time_zone, device.reporting_interval_seconds, device.price, device.direction, device.exists_from,
                case when device.settings <> '[]' then device.settings::text end as settings,
                case when device.tariffs <> '[]' then device.tariffs::text end as tariffs, latest.hour_start, latest.hour_energy, latest.reading_count, latest.timestamp, latest.energy
            from unnest({devices}) as asked (id)
            join device_replicas device on device.id = asked.id and not device.is_deleted
            cross join lateral (
                select hour.hour_start, hour.energy as hour_energy, hour.reading_count, reading.timestamp, reading.energy
                from (
                    select hour_start, energy, reading_count from hourly_consumption
                    where device_id = device.id and hour_start >= {start} and reading_count > 0
                    order by hour_start desc limit case when device.register_digits is null then 1 else 2 end) as hour
                cross join lateral (
                    select timestamp, energy from readings
                    where device_id = device.id and timestamp >= {start} and timestamp >= hour.hour_start
                        and (register_value is null or spread_seconds is not null)
                    order by timestamp desc limit 1) as reading
                order by reading.timestamp desc, hour.hour_start desc limit 1) as latest
            """).ToListAsync(cancel);
    }
}

/// <summary>A device's latest reading and the hour that it belongs to.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <param name="Price">Present price per kWh at times without a tariff; null when unknown.</param>
/// <param name="Direction">One of <see cref="EnergyDirection"/>; null when unknown, which means consumption.</param>
/// <param name="ExistsFrom">When the device came into being; null when unknown.</param>
/// <param name="Settings">History of its settings as JSON; null when the present ones were always valid.</param>
/// <param name="Tariffs">Its tariffs as JSON; null when its own price is always valid.</param>
/// <param name="HourStart">When the hour starts.</param>
/// <param name="HourEnergy">Milliwatt-hours of the hour.</param>
/// <param name="ReadingCount">Readings that start in the hour.</param>
/// <param name="Timestamp">Start of the latest reading's interval.</param>
/// <param name="Energy">Milliwatt-hours of the latest reading.</param>
internal sealed record LatestReading(
    Guid DeviceId, string TimeZone, int ReportingIntervalSeconds, decimal? Price, string? Direction, DateTimeOffset? ExistsFrom, string? Settings,
    string? Tariffs, DateTimeOffset HourStart, long HourEnergy, int ReadingCount, DateTimeOffset Timestamp, long Energy)
{
    /// <summary>All settings that were ever valid, oldest first. Empty when the present ones were always valid.</summary>
    public IReadOnlyList<DeviceSettings> ReadHistory() => Settings is null ? [] : JsonColumns.Read<DeviceSettings>(Settings);

    /// <summary>Tariffs of the device, oldest first.</summary>
    public IReadOnlyList<DeviceTariff> ReadTariffs() => Tariffs is null ? [] : JsonColumns.Read<DeviceTariff>(Tariffs);

    /// <summary>Counts the readings of the hour that should have come by a time.</summary>
    public int ExpectedReadings(DateTimeOffset by) =>
        ReadHistory().ExpectedReadings(ReportingIntervalSeconds, ExistsFrom is { } start && start > HourStart ? start : HourStart, by);
}
