using EnergyAspire.Data;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Prices;
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
        var schedules = await db.PriceSchedulesAsync([.. devices.Select(visible => visible.Device)], cancel);
        foreach (var site in devices.GroupBy(visible => visible.Device.TimeZone))
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(site.Key);
            var range = bounds(zone);
            var (first, last) = range.DatesAt(zone);
            var periods = SitePeriods.Of(range, granularity, zone);
            var periodStarts = periods.ConvertAll(period => period.Start);
            var totals = await TotalsAsync(db, [.. site], periods, schedules, cancel);

            foreach (var visible in site)
            {
                var (device, schedule) = (visible.Device, schedules[visible.Device.Id]);
                var baseCosts = periods is [] ? [] : BaseCosts.Of(visible, schedule, periods[0].Start, periods[^1].End < now ? periods[^1].End : now)
                    .GroupBy(price => PeriodAt(periodStarts, price.Start)).ToDictionary(dates => dates.Key, dates => dates.Sum());
                consumption.Add(device.Id, new DeviceConsumption(
                    device, first, last, granularity, schedule.Currency,
                    [.. periods.Select((period, index) => PeriodConsumption.Of(period, totals[device.Id][index], visible, baseCosts.GetValueOrDefault(index), now))]));
            }
        }

        return [.. devices.Select(visible => consumption[visible.Device.Id])];
    }

    /// <summary>Returns the number of the period that contains an instant after the start of the first one.</summary>
    private static int PeriodAt(List<DateTimeOffset> starts, DateTimeOffset instant)
    {
        var found = starts.BinarySearch(instant);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>Reads the totals of each device's periods.</summary>
    private static async Task<Dictionary<Guid, PeriodTotal[]>> TotalsAsync(
        MonitoringDbContext db, List<VisibleDevice> devices, List<SitePeriod> periods, Dictionary<Guid, PriceSchedule> schedules, CancellationToken cancel)
    {
        var totals = devices.ToDictionary(visible => visible.Device.Id, _ => new PeriodTotal[periods.Count]);
        foreach (var (device, period, start, energy, readingCount) in await db.SumsAsync(devices, periods, schedules, (schedule, start) => schedule.At(start), cancel))
            totals[device][period].Add(energy, readingCount, schedules[device].At(start));

        return totals;
    }

    /// <summary>Sums the hours of each device's periods in groups, in PostgreSQL.</summary>
    /// <param name="devices">Devices in one zone.</param>
    /// <param name="periods">Periods in order, without gaps.</param>
    /// <param name="schedules">Prices of the devices.</param>
    /// <param name="groupAt">
    /// Returns the group of a clock hour that starts at a time. Hours of a group have the same price. It changes at <see cref="PriceSchedule.Changes"/> only.
    /// </param>
    public static async Task<IEnumerable<GroupSum>> SumsAsync<TGroup>(
        this MonitoringDbContext db, IReadOnlyList<VisibleDevice> devices, List<SitePeriod> periods, Dictionary<Guid, PriceSchedule> schedules,
        Func<PriceSchedule, DateTimeOffset, TGroup> groupAt, CancellationToken cancel)
    {
        if (periods.Count == 0)
            return [];

        var (ids, start, end) = (devices.Select(visible => visible.Device.Id).ToArray(), periods[0].Start, periods[^1].End);
        var (starts, groups, parts) = PricedParts(periods, [.. ids.Select(id => schedules[id])], groupAt);
        var times = devices.SelectMany(visible => visible.Within(start, end), (visible, span) => (visible.Device.Id, span.From, span.Until)).ToArray();
        // The periods are computed here, because PostgreSQL's time zone data may be of another version. Hours that were counted in the device's
        // former zone belong to the period that contains their start. The conditions on constants let PostgreSQL choose partitions when it plans.
        var sums = await db.Database.SqlQuery<PartSum>($"""
            select device_id, ({groups})[width_bucket(hour_start, {starts})] as part, sum(energy)::bigint as energy, sum(reading_count)::int as reading_count
            from hourly_consumption
            join unnest({times.Select(span => span.Id).ToArray()}, {times.Select(span => span.From).ToArray()}, {times.Select(span => span.Until).ToArray()})
                as visible (id, since, until) on visible.id = device_id and hour_start >= since and hour_start < until
            where device_id = any({ids}) and hour_start >= {start} and hour_start < {end}
            group by 1, 2
            """).ToListAsync(cancel);

        return sums.Select(sum => new GroupSum(sum.DeviceId, parts[sum.Part].Period, parts[sum.Part].Start, sum.Energy, sum.ReadingCount));
    }

    /// <summary>Splits periods into spans in each of which no price changes. Spans of a period that are in the same groups are one part.</summary>
    /// <returns>The start of each span, the part of each, and each part with its period and the start of one of its spans.</returns>
    private static (DateTimeOffset[] Starts, int[] Groups, List<(int Period, DateTimeOffset Start)> Parts) PricedParts<TGroup>(
        List<SitePeriod> periods, IReadOnlyList<PriceSchedule> schedules, Func<PriceSchedule, DateTimeOffset, TGroup> groupAt)
    {
        var (start, end) = (periods[0].Start, periods[^1].End);
        // Many devices have the same tariffs.
        PriceSchedule[] differing = [.. schedules.Where(schedule => schedule.Settings is not [] || schedule.Entries is not [])
            .DistinctBy(schedule => (schedule.IsProduction, schedule.Price, JsonColumns.Write(schedule.Settings), JsonColumns.Write(schedule.Entries)))];
        var starts = periods.Select(period => period.Start).Union(differing.SelectMany(schedule => schedule.Changes(start, end))).Order().ToArray();

        var (groups, parts, known, period) = (new int[starts.Length], new List<(int, DateTimeOffset)>(), new Dictionary<string, int>(StringComparer.Ordinal), 0);
        for (var index = 0; index < starts.Length; index++)
        {
            if (period + 1 < periods.Count && starts[index] >= periods[period + 1].Start)
                period++;

            var key = string.Join(';', differing.Select(schedule => groupAt(schedule, starts[index])).Cast<object?>().Prepend(period));
            if (!known.TryGetValue(key, out var part))
            {
                known.Add(key, part = parts.Count);
                parts.Add((period, starts[index]));
            }

            groups[index] = part;
        }

        return (starts, groups, parts);
    }

    private sealed record PartSum(Guid DeviceId, int Part, long Energy, int ReadingCount);
}

/// <summary>Sum of a device's hours in a group of a period.</summary>
/// <param name="Period">Number of the period.</param>
/// <param name="Start">Start of an hour of the group, by whose price all of them are charged.</param>
/// <param name="Energy">Milliwatt-hours.</param>
/// <param name="ReadingCount">Number of readings that start in these hours.</param>
internal readonly record struct GroupSum(Guid DeviceId, int Period, DateTimeOffset Start, long Energy, int ReadingCount);
