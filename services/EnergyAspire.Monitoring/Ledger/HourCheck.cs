using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>
/// An hour that isn't the sum of the shares of its raw readings. Values are null where no raw reading has a share or the hour has no row.
/// </summary>
/// <param name="DeviceId">Device.</param>
/// <param name="Hour">Instant at which the local clock hour starts.</param>
/// <param name="RawEnergy">Milliwatt-hours of the shares.</param>
/// <param name="RawCount">How many raw readings start in the hour.</param>
/// <param name="RawSpread">How many start in an earlier hour and have a share in this one.</param>
/// <param name="Energy">Milliwatt-hours of the hour.</param>
/// <param name="ReadingCount">Count of readings that start in the hour, in its row.</param>
/// <param name="SpreadCount">Count of readings of earlier hours, in its row.</param>
internal sealed record WrongHour(
    Guid DeviceId, DateTimeOffset Hour, long? RawEnergy, int? RawCount, int? RawSpread, long? Energy, int? ReadingCount, int? SpreadCount)
{
    /// <summary>Whether some of its raw readings seem to be missing.</summary>
    public bool HasLostReadings =>
        RawCount.GetValueOrDefault() < ReadingCount.GetValueOrDefault() || RawSpread.GetValueOrDefault() < SpreadCount.GetValueOrDefault();
}

/// <summary>Result of a comparison.</summary>
/// <param name="Hours">Hours that have raw readings or a row.</param>
/// <param name="Readings">Raw readings that were added up.</param>
/// <param name="Wrong">Hours that differ, by hour and device.</param>
internal sealed record HourComparison(long Hours, long Readings, List<WrongHour> Wrong);

/// <summary>Compares hours with the sums of the shares that raw readings have in them.</summary>
internal static class HourCheck
{
    /// <summary>
    /// Compares the hours that start in a span of time. The comparison is one statement and so uses one snapshot of readings, hours and zones: concurrent
    /// ingest and zone changes have no effect on the result. It is repeated if an energy that is spread over days has come from an earlier day meanwhile.
    /// </summary>
    /// <param name="span">Span of time.</param>
    /// <param name="zones">Zones whose devices are compared.</param>
    /// <param name="device">Only this device; null for all.</param>
    public static async Task<HourComparison> CompareAsync(
        MonitoringDbContext db, KeptSpan span, IReadOnlyList<TimeZoneInfo> zones, Guid? device, CancellationToken cancel)
    {
        while (true)
        {
            // Mostly there is none. Then the statement needs no plan for the partitions of all the days before.
            var oldest = await OldestSpreadAsync(db, span.From, cancel);
            var compared = await CompareAsync(db, span, zones, device, oldest, cancel);
            if (compared.Wrong is [] || await OldestSpreadAsync(db, span.From, cancel) == oldest)
                return compared;
        }
    }

    /// <summary>Returns the time of the first reading whose energy is spread over more than a day and reaches into a span; its start without one.</summary>
    private static Task<DateTimeOffset> OldestSpreadAsync(MonitoringDbContext db, DateTimeOffset from, CancellationToken cancel) => db.Database.SqlQuery<DateTimeOffset>($"""
        select coalesce(min(timestamp), {from}) as "Value" from long_spreads where timestamp < {from} and ends > {from}
        """).SingleAsync(cancel);

    private static async Task<HourComparison> CompareAsync(
        MonitoringDbContext db, KeptSpan span, IReadOnlyList<TimeZoneInfo> zones, Guid? device, DateTimeOffset oldestSpread, CancellationToken cancel)
    {
        var (from, to) = span;
        var bounds = zones.Select(zone => Bounds(from, to, zone)).ToArray();
        var names = zones.Select(zone => zone.Id).ToArray();
        var hours = bounds.SelectMany(zone => zone).ToArray();
        var lasts = Ends(bounds).ToArray();
        var firsts = lasts.Select((last, zone) => last - bounds[zone].Count + 1).ToArray();
        var (spreadFrom, end) = (from - HourShares.LongestSpread, bounds.Max(zone => zone[^1]));

        var rows = await db.Database.SqlQuery<Row>($"""
            with zones as (
                select zone, ({hours})[first:last] as bounds from unnest({names}, {firsts}, {lasts}) as zone_hours (zone, first, last)
            ),
            whole as (
                select device_id, bounds[width_bucket(timestamp, bounds)] as hour, sum(energy) as energy, count(*) as reading_count, 0 as spread_count
                from readings
                left join device_replicas device on device.id = device_id
                join zones on zone = coalesce(device.time_zone, {SiteZones.OfUnknownDevices})
                where timestamp >= {from} and timestamp < {end} and ({device}::uuid is null or device_id = {device})
                    and spread_seconds is null and timestamp >= bounds[1] and timestamp < bounds[cardinality(bounds)]
                group by device_id, hour
            ),
            spread as (
                select device_id, timestamp, energy, spread_seconds, timestamp + make_interval(secs => spread_seconds) as ends, bounds
                from readings
                left join device_replicas device on device.id = device_id
                join zones on zone = coalesce(device.time_zone, {SiteZones.OfUnknownDevices})
                where timestamp >= {spreadFrom} and timestamp < {end} and ({device}::uuid is null or device_id = {device})
                    and spread_seconds is not null
                union all
                -- Registers that weren't read for more than a day.
                select device_id, timestamp, energy, spread_seconds, timestamp + make_interval(secs => spread_seconds) as ends, bounds
                from long_spreads
                join readings using (device_id, timestamp)
                left join device_replicas device on device.id = device_id
                join zones on zone = coalesce(device.time_zone, {SiteZones.OfUnknownDevices})
                where timestamp >= {oldestSpread} and timestamp < {spreadFrom} and long_spreads.ends > {from} and ({device}::uuid is null or device_id = {device})
            ),
            shares as (
                select device_id, timestamp, energy, spread_seconds, bounds[position] as hour, greatest(bounds[position], timestamp) as since,
                    least(bounds[position + 1], ends) as until
                from spread
                cross join generate_series(
                    greatest(width_bucket(timestamp, bounds), 1),
                    least(width_bucket(ends - interval '1 microsecond', bounds), cardinality(bounds) - 1)) as position
            ),
            raw as (
                select device_id, hour, sum(energy)::bigint as energy, sum(reading_count)::int as reading_count, sum(spread_count)::int as spread_count
                from (
                    select * from whole
                    union all
                    select device_id, hour,
                        div(energy * extract(epoch from until - timestamp), spread_seconds) - div(energy * extract(epoch from since - timestamp), spread_seconds),
                        (since = timestamp)::int, (since > timestamp)::int
                    from shares) as parts
                group by device_id, hour
            ),
            counted as (
                select device_id, hour_start as hour, energy, reading_count, spread_count
                from hourly_consumption
                left join device_replicas device on device.id = device_id
                join zones on zone = coalesce(device.time_zone, {SiteZones.OfUnknownDevices})
                where hour_start >= {from} and hour_start < {to} and ({device}::uuid is null or device_id = {device})
            ),
            compared as (
                select device_id, hour, raw.energy as raw_energy, raw.reading_count as raw_count, raw.spread_count as raw_spread,
                    counted.energy, counted.reading_count, counted.spread_count
                from raw full join counted using (device_id, hour)
            ),
            total as (
                select count(*) as hours, coalesce(sum(raw_count), 0)::bigint as readings from compared
            )
            select total.hours, total.readings, wrong.*
            from total
            left join compared wrong on (raw_energy, raw_count, raw_spread) is distinct from (energy, reading_count, spread_count)
            order by hour, device_id
            """).ToListAsync(cancel);

        var wrong = rows.FindAll(row => row.DeviceId is not null).ConvertAll(row => new WrongHour(
            row.DeviceId!.Value, row.Hour!.Value, row.RawEnergy, row.RawCount, row.RawSpread, row.Energy, row.ReadingCount, row.SpreadCount));

        return new HourComparison(rows[0].Hours, rows[0].Readings, wrong is [] ? wrong : await WithoutDroppedAsync(db, wrong, cancel));
    }

    /// <summary>
    /// Leaves out hours up to the first register reading that a device still has: the energy of one before, which retention has dropped, may be spread
    /// until then, however long that is.
    /// </summary>
    private static async Task<List<WrongHour>> WithoutDroppedAsync(MonitoringDbContext db, List<WrongHour> wrong, CancellationToken cancel)
    {
        var firsts = (await db.Database.SqlQuery<FirstRegister>($"""
            select device.id as device_id, first.timestamp
            from device_replicas device
            cross join lateral (select timestamp, register_value from readings where device_id = device.id order by timestamp limit 1) as first
            where device.id = any({wrong.Select(hour => hour.DeviceId).Distinct().ToArray()}) and first.register_value is not null
            """).ToListAsync(cancel)).ToDictionary(first => first.DeviceId, first => first.Timestamp);

        return wrong.FindAll(hour => !firsts.TryGetValue(hour.DeviceId, out var first) || hour.Hour > first);
    }

    private sealed record FirstRegister(Guid DeviceId, DateTimeOffset Timestamp);

    /// <summary>Returns the starts of the hours in a span of time, followed by the end of the last hour.</summary>
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

    /// <summary>Returns the 1-based position of each list's last element in the concatenation of all lists.</summary>
    private static IEnumerable<int> Ends(List<DateTimeOffset>[] lists)
    {
        var end = 0;
        foreach (var list in lists)
            yield return end += list.Count;
    }

    private sealed record Row(
        long Hours, long Readings, Guid? DeviceId, DateTimeOffset? Hour, long? RawEnergy, int? RawCount, int? RawSpread, long? Energy, int? ReadingCount,
        int? SpreadCount);
}
