using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>What the energy of a device is in a balance.</summary>
internal enum BalanceKind
{
    /// <summary>Taken.</summary>
    Consumption,

    /// <summary>Given by a device with a meter of its own.</summary>
    Production,

    /// <summary>Given to the grid, as measured by a two-way meter.</summary>
    FeedIn,
}

/// <summary>Energies in milliwatt-hours and numbers of clock hours, as in <see cref="BalanceSums"/>.</summary>
/// <param name="CompleteConsumption">Consumption in complete hours, as <see cref="SelfConsumption"/> is.</param>
/// <param name="CompleteProduction">Production in complete hours.</param>
internal readonly record struct BalanceEnergies(
    long Consumption, long Production, long FeedIn, long SelfConsumption, long CompleteConsumption, long CompleteProduction, int MeasuredHours, int IncompleteHours)
{
    public static BalanceEnergies operator +(BalanceEnergies one, BalanceEnergies other) => new(
        one.Consumption + other.Consumption, one.Production + other.Production, one.FeedIn + other.FeedIn,
        one.SelfConsumption + other.SelfConsumption, one.CompleteConsumption + other.CompleteConsumption, one.CompleteProduction + other.CompleteProduction,
        one.MeasuredHours + other.MeasuredHours, one.IncompleteHours + other.IncompleteHours);
}

/// <summary>What devices of one zone consumed, produced and fed in, period by period.</summary>
internal sealed record DeviceBalance(
    DateOnly First, DateOnly Last, string TimeZone, Granularity Granularity, IReadOnlySet<BalanceKind> Kinds,
    IReadOnlyList<(SitePeriod Period, BalanceEnergies Energies)> Periods)
{
    /// <summary>Sums of all periods.</summary>
    public BalanceEnergies Total => Periods.Aggregate(default(BalanceEnergies), (sum, period) => sum + period.Energies);
}

/// <summary>Sums the stored hours of several devices.</summary>
internal static class BalanceQuery
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Returns what a device's energy is in a balance.</summary>
    public static BalanceKind KindOf(DeviceReplica device) =>
        !device.IsProduction ? BalanceKind.Consumption : device.FeedInOf is null ? BalanceKind.Production : BalanceKind.FeedIn;

    /// <summary>Reads the balance of devices in one zone.</summary>
    /// <param name="devices">Devices that the caller may see. Hours outside of the visible times are as if they had no readings.</param>
    /// <param name="bounds">Range. Instants limit it only by hour; with other granularities whole dates count.</param>
    /// <param name="granularity">How long the periods are.</param>
    /// <param name="now">Time until which hours are over.</param>
    public static async Task<DeviceBalance> BalanceOfAsync(
        this MonitoringDbContext db, IReadOnlyList<VisibleDevice> devices, QueryBounds bounds, Granularity granularity, DateTimeOffset now, CancellationToken cancel)
    {
        var timeZone = devices[0].Device.TimeZone;
        var zone = TimeZoneInfo.FindSystemTimeZoneById(timeZone);
        var (first, last) = bounds.DatesAt(zone);
        var periods = SitePeriods.Of(bounds, granularity, zone);
        var kinds = devices.Select(visible => KindOf(visible.Device)).ToHashSet();
        var energies = new BalanceEnergies[periods.Count];
        if (periods is not [])
        {
            var (start, end) = (periods[0].Start, periods[^1].End);
            var times = devices.SelectMany(visible => TimesOf(visible, start, end), (visible, span) => (visible.Device.Id, Kind: KindOf(visible.Device), span.From, span.Until, span.Needed)).ToArray();
            var (ids, hasFeedIn, lastComplete) = (devices.Select(visible => visible.Device.Id).ToArray(), kinds.Contains(BalanceKind.FeedIn), now - Hour);
            // The conditions on constants let PostgreSQL choose partitions when it plans.
            var sums = await db.Database.SqlQuery<PeriodSums>($"""
                with hours as (
                    select hour_start, count(*) filter (where reading_count >= needed) = {ids.Length} and hour_start <= {lastComplete} as is_complete,
                        coalesce(sum(energy) filter (where kind = {(int)BalanceKind.Consumption}), 0)::bigint as consumption,
                        coalesce(sum(energy) filter (where kind = {(int)BalanceKind.Production}), 0)::bigint as production,
                        coalesce(sum(energy) filter (where kind = {(int)BalanceKind.FeedIn}), 0)::bigint as feed_in
                    from hourly_consumption
                    join unnest(
                        {Array.ConvertAll(times, span => span.Id)}, {Array.ConvertAll(times, span => (int)span.Kind)}, {Array.ConvertAll(times, span => span.From)},
                        {Array.ConvertAll(times, span => span.Until)}, {Array.ConvertAll(times, span => span.Needed)})
                        as visible (id, kind, since, until, needed) on visible.id = device_id and hour_start >= since and hour_start < until
                    where device_id = any({ids}) and hour_start >= {start} and hour_start < {end}
                    group by hour_start
                )
                select width_bucket(hour_start, {periods.ConvertAll(period => period.Start).ToArray()}) - 1 as period, sum(consumption)::bigint as consumption,
                    sum(production)::bigint as production, sum(feed_in)::bigint as feed_in,
                    coalesce(sum(case when {hasFeedIn} then greatest(production - feed_in, 0) else least(production, consumption) end)
                        filter (where is_complete), 0)::bigint as self_consumption,
                    coalesce(sum(consumption) filter (where is_complete), 0)::bigint as complete_consumption,
                    coalesce(sum(production) filter (where is_complete), 0)::bigint as complete_production,
                    count(*)::int as measured_hours, (count(*) filter (where not is_complete))::int as incomplete_hours
                from hours group by 1
                """).ToListAsync(cancel);
            foreach (var sum in sums)
            {
                energies[sum.Period] = new BalanceEnergies(
                    sum.Consumption, sum.Production, sum.FeedIn, sum.SelfConsumption, sum.CompleteConsumption, sum.CompleteProduction, sum.MeasuredHours, sum.IncompleteHours);
            }
        }

        return new DeviceBalance(first, last, timeZone, granularity, kinds, [.. periods.Zip(energies)]);
    }

    /// <summary>
    /// Returns the visible parts of a span of time, each with the number of readings that start in a complete clock hour. A reading of a register, and one
    /// of an interval that is longer than an hour, covers hours in which none starts.
    /// </summary>
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset Until, int Needed)> TimesOf(VisibleDevice visible, DateTimeOffset start, DateTimeOffset end)
    {
        var device = visible.Device;
        foreach (var (from, until) in visible.Within(start, end))
        {
            DateTimeOffset[] starts = [from, .. device.Settings.Select(settings => settings.From).OfType<DateTimeOffset>().Where(change => change > from && change < until)];
            foreach (var (index, part) in starts.Index())
            {
                var interval = device.Settings.IntervalAt(device.ReportingIntervalSeconds, part);
                yield return (part, index + 1 < starts.Length ? starts[index + 1] : until, device.RegisterDigits is null ? (int)Hour.TotalSeconds / interval : 0);
            }
        }
    }

    private sealed record PeriodSums(
        int Period, long Consumption, long Production, long FeedIn, long SelfConsumption, long CompleteConsumption, long CompleteProduction, int MeasuredHours,
        int IncompleteHours);
}
