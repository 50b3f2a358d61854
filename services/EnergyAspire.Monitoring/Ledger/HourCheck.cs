using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>An hour that isn't the sum of its raw readings; what is missing on one side is null there.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="Hour">Instant at which the local clock hour starts.</param>
/// <param name="RawEnergy">Milliwatt-hours of the raw readings.</param>
/// <param name="RawCount">How many raw readings there are.</param>
/// <param name="Energy">Milliwatt-hours of the hour.</param>
/// <param name="ReadingCount">How many readings the hour says it is the sum of.</param>
internal sealed record WrongHour(Guid DeviceId, DateTimeOffset Hour, long? RawEnergy, int? RawCount, long? Energy, int? ReadingCount);

/// <summary>What a comparison came to.</summary>
/// <param name="Hours">Hours that have raw readings or a row.</param>
/// <param name="Readings">Raw readings that were added up.</param>
/// <param name="Wrong">Hours that differ, by hour and device.</param>
internal sealed record HourComparison(long Hours, long Readings, List<WrongHour> Wrong);

/// <summary>Compares hours with the sums of their raw readings.</summary>
internal static class HourCheck
{
    /// <summary>
    /// Compares the hours that start in a span of time. One statement, so one snapshot of readings, hours and zones: readings that are
    /// counted meanwhile and devices that get another zone make no difference.
    /// </summary>
    /// <param name="db">Database.</param>
    /// <param name="span">Span of time.</param>
    /// <param name="zones">Zones to compare devices of.</param>
    /// <param name="device">Only this device; null for all.</param>
    /// <param name="cancel">Set when nobody waits for it any more.</param>
    public static async Task<HourComparison> CompareAsync(
        MonitoringDbContext db, KeptSpan span, IReadOnlyList<TimeZoneInfo> zones, Guid? device, CancellationToken cancel)
    {
        var (from, to) = span;
        var bounds = zones.Select(zone => Bounds(from, to, zone)).ToArray();
        var names = zones.Select(zone => zone.Id).ToArray();
        var hours = bounds.SelectMany(zone => zone).ToArray();
        var lasts = Ends(bounds).ToArray();
        var firsts = lasts.Select((last, zone) => last - bounds[zone].Count + 1).ToArray();
        var end = bounds.Max(zone => zone[^1]);

        var rows = await db.Database.SqlQuery<Row>($"""
            with zones as (
                select zone, ({hours})[first:last] as bounds from unnest({names}, {firsts}, {lasts}) as zone_hours (zone, first, last)
            ),
            raw as (
                select device_id, bounds[width_bucket(timestamp, bounds)] as hour, sum(energy)::bigint as energy, count(*)::int as reading_count
                from readings
                left join device_replicas device on device.id = device_id
                join zones on zone = coalesce(device.time_zone, {SiteZones.OfUnknownDevices})
                where timestamp >= {from} and timestamp < {end} and ({device}::uuid is null or device_id = {device})
                    and timestamp >= bounds[1] and timestamp < bounds[cardinality(bounds)]
                group by device_id, hour
            ),
            counted as (
                select device_id, hour_start as hour, energy, reading_count
                from hourly_consumption
                left join device_replicas device on device.id = device_id
                join zones on zone = coalesce(device.time_zone, {SiteZones.OfUnknownDevices})
                where hour_start >= {from} and hour_start < {to} and ({device}::uuid is null or device_id = {device})
            ),
            compared as (
                select device_id, hour, raw.energy as raw_energy, raw.reading_count as raw_count, counted.energy, counted.reading_count
                from raw full join counted using (device_id, hour)
            ),
            total as (
                select count(*) as hours, coalesce(sum(raw_count), 0)::bigint as readings from compared
            )
            select total.hours, total.readings, wrong.*
            from total
            left join compared wrong on (raw_energy, raw_count) is distinct from (energy, reading_count)
            order by hour, device_id
            """).ToListAsync(cancel);

        return new HourComparison(
            rows[0].Hours, rows[0].Readings,
            rows.FindAll(row => row.DeviceId is not null).ConvertAll(row =>
                new WrongHour(row.DeviceId!.Value, row.Hour!.Value, row.RawEnergy, row.RawCount, row.Energy, row.ReadingCount)));
    }

    /// <summary>Returns the starts of the hours that start in a span of time, then where the last of them ends.</summary>
    private static List<DateTimeOffset> Bounds(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone)
    {
        var hour = SiteClock.HourStart(from, zone);
        if (hour < from)
            hour = SiteClock.NextHour(hour, zone);

        var bounds = new List<DateTimeOffset>();
        for (; hour < to; hour = SiteClock.NextHour(hour, zone))
            bounds.Add(hour);
        bounds.Add(hour);

        return bounds;
    }

    /// <summary>Returns the place of each list's last element when all are put together, counted from 1.</summary>
    private static IEnumerable<int> Ends(List<DateTimeOffset>[] lists)
    {
        var end = 0;
        foreach (var list in lists)
            yield return end += list.Count;
    }

    private sealed record Row(
        long Hours, long Readings, Guid? DeviceId, DateTimeOffset? Hour, long? RawEnergy, int? RawCount, long? Energy, int? ReadingCount);
}
