using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Prices;
using EnergyAspire.Monitoring.Queries;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Statements;

/// <summary>Makes the statements of a month.</summary>
internal static class StatementQuery
{
    // Devices of one statement in SQL. Those of a zone share the instants at which any of their prices changes.
    private const int MostAtOnce = 100;

    /// <summary>Makes the statements of devices, in the given order.</summary>
    /// <param name="devices">Devices that the caller may see.</param>
    /// <param name="month">First date of the month.</param>
    /// <param name="now">Current time.</param>
    /// <param name="oldest">Readings before this time are no longer accepted.</param>
    public static async Task<List<DeviceStatement>> StatementsAsync(
        this MonitoringDbContext db, IReadOnlyCollection<VisibleDevice> devices, DateOnly month, DateTimeOffset now, DateTimeOffset oldest, CancellationToken cancel)
    {
        var statements = new Dictionary<Guid, DeviceStatement>(devices.Count);
        foreach (var site in devices.GroupBy(visible => visible.Device.TimeZone))
        {
            foreach (var some in site.Chunk(MostAtOnce))
            {
                foreach (var statement in await OfZoneAsync(db, some, MonthIn(month, site.Key), now, oldest, cancel))
                    statements.Add(statement.Consumption.Device.Id, statement);
            }
        }

        return [.. devices.Select(visible => statements[visible.Device.Id])];
    }

    /// <summary>
    /// Returns the devices that have a statement for a month: those that existed in a part of it that has passed and is visible, and others
    /// with consumption or base prices in it.
    /// </summary>
    public static async Task<List<VisibleDevice>> WithStatementAsync(
        this MonitoringDbContext db, IEnumerable<VisibleDevice> devices, DateOnly month, DateTimeOffset now, CancellationToken cancel)
    {
        var periods = devices.Select(visible => (Visible: visible, Month: MonthIn(month, visible.Device.TimeZone)))
            .Where(device => device.Visible.Within(device.Month.Start, Until(device.Month, now)).Any()).ToList();
        var absent = periods.Where(device => !device.Visible.Within(device.Month.Start, Until(device.Month, now)).Any(span => device.Visible.Device.Existed(span.From, span.Until))).ToList();
        var starts = await FirstHoursAsync(db, [.. absent.Select(device => device.Visible)], month, cancel);
        var schedules = await db.PriceSchedulesAsync([.. absent.Select(device => device.Visible.Device)], cancel);
        var empty = absent.Where(device => !starts.ContainsKey(device.Visible.Device.Id)
                && !BaseCosts.Of(device.Visible, schedules[device.Visible.Device.Id], device.Month.Start, Until(device.Month, now)).Any())
            .Select(device => device.Visible.Device.Id).ToHashSet();

        return [.. periods.Select(device => device.Visible).Where(visible => !empty.Contains(visible.Device.Id))];
    }

    private static async Task<IEnumerable<DeviceStatement>> OfZoneAsync(
        MonitoringDbContext db, VisibleDevice[] devices, SitePeriod month, DateTimeOffset now, DateTimeOffset oldest, CancellationToken cancel)
    {
        var schedules = await db.PriceSchedulesAsync([.. devices.Select(visible => visible.Device)], cancel);
        var sums = (await db.SumsAsync(devices, [month], schedules, (schedule, start) => schedule.SlotAt(start), cancel)).ToLookup(sum => sum.DeviceId);
        var firstHours = await FirstHoursAsync(db, [.. devices.Where(visible => visible.Device.ExistsFrom > month.Start)], month.Date, cancel);
        var times = devices.Select(visible => (Visible: visible, Times: TimesOf(visible, month, now, firstHours))).ToList();
        var meters = await db.MeterEndsAsync(times, cancel);

        return times.ConvertAll(device =>
        {
            var (visible, id) = (device.Visible, device.Visible.Device.Id);
            var schedule = schedules[id];
            var total = default(PeriodTotal);
            foreach (var sum in sums[id])
                total.Add(sum.Energy, sum.ReadingCount, schedule.At(sum.Start));

            var basePrices = BaseCosts.Of(visible, schedule, month.Start, Until(month, now)).ToList();
            var consumption = new DeviceConsumption(
                visible.Device, month.Date, month.Date.AddMonths(1).AddDays(-1), Granularity.Month, schedule.Currency,
                [PeriodConsumption.Of(month, total, visible, basePrices.Sum(), now)]);
            var ends = visible.Device.RegisterDigits is null ? null : meters[id].ToList();

            return new DeviceStatement(
                consumption, schedule, device.Times, EnergyLines(sums[id], schedule), BasePriceLines(basePrices, schedule), ends,
                consumption.IsPast(now) && (IsComplete(consumption, ends) || month.End <= oldest));
        });
    }

    private static List<PricedSum> EnergyLines(IEnumerable<GroupSum> sums, PriceSchedule schedule) =>
    [
        .. sums.GroupBy(sum => schedule.SlotAt(sum.Start))
            .Select(slot => new PricedSum(slot.Key, schedule.At(slot.First().Start), slot.Sum(sum => sum.Energy)))
            // Times of use before all other times, as in the tariff.
            .OrderBy(line => line.Slot.Entry).ThenBy(line => line.Slot.Prices).ThenBy(line => line.Slot.Time < 0 ? int.MaxValue : line.Slot.Time),
    ];

    private static List<BasePriceSum> BasePriceLines(IEnumerable<(DateTimeOffset Start, decimal Price)> prices, PriceSchedule schedule) =>
    [
        .. prices.Select(price => (Date: SiteClock.DateAt(price.Start, schedule.Zone), price.Price))
            .GroupBy(price => schedule.SlotOn(price.Date)!.Value)
            .Select(slot => new BasePriceSum(slot.Key, slot.Min(price => price.Date), slot.Max(price => price.Date), slot.Count(), slot.Sum(price => price.Price)))
            .OrderBy(line => line.First),
    ];

    /// <summary>Whether all expected readings have come, and the energy after the last one of a register is known.</summary>
    private static bool IsComplete(DeviceConsumption consumption, List<MeterEnds>? meters) =>
        consumption.ReadingCount >= consumption.ExpectedCount && (meters is null or [] || meters[^1] is { Last: { } last } end && (last.HasNext || last.Timestamp == end.Use.Until));

    /// <summary>Returns the times of a month so far in which a device was visible and existed. Imported readings can be from before it was registered.</summary>
    private static IReadOnlyList<VisibleSpan> TimesOf(VisibleDevice visible, SitePeriod month, DateTimeOffset now, Dictionary<Guid, DateTimeOffset> firstHours)
    {
        var device = visible.Device;
        var (from, until) = (device.ExistsFrom ?? month.Start, device.IsDeleted && device.DeletedAt is { } deleted ? deleted : month.End);
        if (firstHours.TryGetValue(device.Id, out var firstHour) && firstHour < from)
            from = firstHour;

        return [.. visible.Within(month.Start, Until(month, now))
            .Select(span => new VisibleSpan(span.From > from ? span.From : from, span.Until < until ? span.Until : until))
            .Where(span => span.From < span.Until)];
    }

    /// <summary>Returns the start of the first hour of a month for each device that has one.</summary>
    private static async Task<Dictionary<Guid, DateTimeOffset>> FirstHoursAsync(
        MonitoringDbContext db, IReadOnlyCollection<VisibleDevice> devices, DateOnly month, CancellationToken cancel)
    {
        var firsts = new Dictionary<Guid, DateTimeOffset>();
        foreach (var site in devices.GroupBy(visible => visible.Device.TimeZone))
        {
            var (ids, (_, start, end)) = (site.Select(visible => visible.Device.Id).ToArray(), MonthIn(month, site.Key));
            foreach (var (id, first) in await db.Database.SqlQuery<FirstHour>($"""
                select id, hour_start as start
                from unnest({ids}) as asked (id)
                cross join lateral (
                    select hour_start from hourly_consumption
                    where device_id = asked.id and hour_start >= {start} and hour_start < {end}
                    order by hour_start limit 1) as first
                """).ToListAsync(cancel))
                firsts.Add(id, first);
        }

        return firsts;
    }

    private static SitePeriod MonthIn(DateOnly month, string zone) =>
        SitePeriods.Of(month, month.AddMonths(1).AddDays(-1), Granularity.Month, TimeZoneInfo.FindSystemTimeZoneById(zone)).Single();

    private static DateTimeOffset Until(SitePeriod month, DateTimeOffset now) => month.End < now ? month.End : now;

    private sealed record FirstHour(Guid Id, DateTimeOffset Start);
}
