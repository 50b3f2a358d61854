using EnergyAspire.Monitoring.Data;
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
internal readonly record struct BalanceEnergies(long Consumption, long Production, long FeedIn, long SelfConsumption, int MeasuredHours, int IncompleteHours)
{
    public static BalanceEnergies operator +(BalanceEnergies one, BalanceEnergies other) => new(
        one.Consumption + other.Consumption, one.Production + other.Production, one.FeedIn + other.FeedIn,
        one.SelfConsumption + other.SelfConsumption, one.MeasuredHours + other.MeasuredHours, one.IncompleteHours + other.IncompleteHours);
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
    /// <summary>Returns what a device's energy is in a balance.</summary>
    public static BalanceKind KindOf(DeviceReplica device) =>
        !device.IsProduction ? BalanceKind.Consumption : device.FeedInOf is null ? BalanceKind.Production : BalanceKind.FeedIn;

    /// <summary>Reads the balance of devices in one zone.</summary>
    /// <param name="devices">Devices that the caller may see. Hours outside of the visible times are as if they had no readings.</param>
    /// <param name="bounds">Range. Instants limit it only by hour; with other granularities whole dates count.</param>
    /// <param name="granularity">How long the periods are.</param>
    public static async Task<DeviceBalance> BalanceOfAsync(
        this MonitoringDbContext db, IReadOnlyList<VisibleDevice> devices, QueryBounds bounds, Granularity granularity, CancellationToken cancel)
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
            var times = devices.SelectMany(visible => visible.Within(start, end), (visible, span) => (visible.Device.Id, Kind: KindOf(visible.Device), span.From, span.Until)).ToArray();
            var (ids, hasFeedIn) = (devices.Select(visible => visible.Device.Id).ToArray(), kinds.Contains(BalanceKind.FeedIn));
            // The conditions on constants let PostgreSQL choose partitions when it plans.
            var sums = await db.Database.SqlQuery<PeriodSums>($"""
                with hours as (
                    select hour_start, count(*) as device_count,
                        coalesce(sum(energy) filter (where kind = {(int)BalanceKind.Consumption}), 0)::bigint as consumption,
                        coalesce(sum(energy) filter (where kind = {(int)BalanceKind.Production}), 0)::bigint as production,
                        coalesce(sum(energy) filter (where kind = {(int)BalanceKind.FeedIn}), 0)::bigint as feed_in
                    from hourly_consumption
                    join unnest(
                        {Array.ConvertAll(times, span => span.Id)}, {Array.ConvertAll(times, span => (int)span.Kind)}, {Array.ConvertAll(times, span => span.From)},
                        {Array.ConvertAll(times, span => span.Until)})
                        as visible (id, kind, since, until) on visible.id = device_id and hour_start >= since and hour_start < until
                    where device_id = any({ids}) and hour_start >= {start} and hour_start < {end}
                    group by hour_start
                )
                select width_bucket(hour_start, {periods.ConvertAll(period => period.Start).ToArray()}) - 1 as period, sum(consumption)::bigint as consumption,
                    sum(production)::bigint as production, sum(feed_in)::bigint as feed_in,
                    coalesce(sum(case when {hasFeedIn} then greatest(production - feed_in, 0) else least(production, consumption) end)
                        filter (where device_count = {ids.Length}), 0)::bigint as self_consumption,
                    count(*)::int as measured_hours, (count(*) filter (where device_count < {ids.Length}))::int as incomplete_hours
                from hours group by 1
                """).ToListAsync(cancel);
            foreach (var (period, consumption, production, feedIn, selfConsumption, measured, incomplete) in sums)
                energies[period] = new BalanceEnergies(consumption, production, feedIn, selfConsumption, measured, incomplete);
        }

        return new DeviceBalance(first, last, timeZone, granularity, kinds, [.. periods.Zip(energies)]);
    }

    private sealed record PeriodSums(int Period, long Consumption, long Production, long FeedIn, long SelfConsumption, int MeasuredHours, int IncompleteHours);
}
