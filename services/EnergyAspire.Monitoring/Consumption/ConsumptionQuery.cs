using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Sums stored hours by the sites' periods.</summary>
internal static class ConsumptionQuery
{
    /// <summary>Reads the consumption of devices, in the given order, with one statement for each zone.</summary>
    /// <param name="devices">Devices that the caller may see. Hours outside of the visible times are as if they had no readings.</param>
    /// <param name="bounds">Range, applied in each site's zone. Instants limit it only by hour; with other granularities whole dates count.</param>
    /// <param name="granularity">How long the periods are.</param>
    /// <param name="now">Time until which readings are expected.</param>
    public static async Task<List<DeviceConsumption>> ConsumptionOfAsync(
        this MonitoringDbContext db, IReadOnlyList<VisibleDevice> devices, Func<TimeZoneInfo, QueryBounds> bounds,
        Granularity granularity, DateTimeOffset now, CancellationToken cancel)
    {
        var consumption = new Dictionary<Guid, DeviceConsumption>(devices.Count);
        foreach (var site in devices.GroupBy(visible => visible.Device.TimeZone))
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(site.Key);
            var range = bounds(zone);
            var ((first, last), (from, to)) = (range.DatesAt(zone), range.At(zone));
            var periods = SitePeriods.Of(first, last, granularity, zone)
                .Where(period => granularity != Granularity.Hour || (period.Start >= from && period.Start < to))
                .ToList();
            var totals = await TotalsAsync(db, [.. site], periods, cancel);

            foreach (var visible in site)
            {
                var device = visible.Device;
                consumption.Add(device.Id, new DeviceConsumption(
                    device, first, last, granularity, [.. periods.Zip(totals[device.Id], (period, total) => PeriodConsumption.Of(period, total, visible, now))]));
            }
        }

        return [.. devices.Select(visible => consumption[visible.Device.Id])];
    }

    /// <summary>Reads the totals of each device's periods.</summary>
    private static async Task<Dictionary<Guid, PeriodTotal[]>> TotalsAsync(
        MonitoringDbContext db, List<VisibleDevice> devices, List<SitePeriod> periods, CancellationToken cancel)
    {
        var totals = devices.ToDictionary(visible => visible.Device.Id, _ => new PeriodTotal[periods.Count]);
        if (periods.Count == 0)
            return totals;

        // A period in which a price changes is summed in parts, each with one price.
        var starts = periods.ConvertAll(period => period.Start)
            .Union(devices.SelectMany(visible => visible.Device.Settings).Select(settings => settings.From).OfType<DateTimeOffset>()
                .Where(change => change > periods[0].Start && change < periods[^1].End))
            .Order().ToArray();
        var (ids, start, end) = (devices.ConvertAll(visible => visible.Device.Id).ToArray(), starts[0], periods[^1].End);
        var times = devices.SelectMany(visible => visible.Within(start, end), (visible, span) => (visible.Device.Id, span.From, span.Until)).ToArray();
        // The periods are computed here, because PostgreSQL's time zone data may be of another version. Hours that were counted in the device's
        // former zone belong to the period that contains their start. The conditions on constants let PostgreSQL choose partitions when it plans.
        var sums = await db.Database.SqlQuery<PartSum>($"""
            select device_id, width_bucket(hour_start, {starts}) - 1 as part, sum(energy)::bigint as energy, sum(reading_count)::int as reading_count
            from hourly_consumption
            join unnest({times.Select(span => span.Id).ToArray()}, {times.Select(span => span.From).ToArray()}, {times.Select(span => span.Until).ToArray()})
                as visible (id, since, until) on visible.id = device_id and hour_start >= since and hour_start < until
            where device_id = any({ids}) and hour_start >= {start} and hour_start < {end}
            group by 1, 2
            """).ToListAsync(cancel);

        var (periodStarts, prices) = (periods.ConvertAll(period => period.Start), devices.ToDictionary(visible => visible.Device.Id, visible => visible.Device));
        foreach (var (device, part, energy, readingCount) in sums)
        {
            var found = periodStarts.BinarySearch(starts[part]);
            totals[device][found >= 0 ? found : ~found - 1].Add(energy, readingCount, prices[device].PriceAt(starts[part]));
        }

        return totals;
    }

    private sealed record PartSum(Guid DeviceId, int Part, long Energy, int ReadingCount);
}
