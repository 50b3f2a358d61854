using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Adds up stored hours by the periods of the sites.</summary>
internal static class ConsumptionQuery
{
    /// <summary>Reads what devices consumed, in their order; one statement for all that share a zone.</summary>
    /// <param name="db">Database.</param>
    /// <param name="devices">Devices that the caller may see.</param>
    /// <param name="bounds">The range at a site in that zone; times cut it by hour only, else whole dates count.</param>
    /// <param name="granularity">How long the periods are.</param>
    /// <param name="now">Until when readings are expected.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<List<DeviceConsumption>> ConsumptionOfAsync(
        this MonitoringDbContext db, IReadOnlyList<DeviceReplica> devices, Func<TimeZoneInfo, QueryBounds> bounds,
        Granularity granularity, DateTimeOffset now, CancellationToken cancel)
    {
        var consumption = new Dictionary<Guid, DeviceConsumption>(devices.Count);
        foreach (var site in devices.GroupBy(device => device.TimeZone))
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(site.Key);
            var range = bounds(zone);
            var ((first, last), (from, to)) = (range.DatesAt(zone), range.At(zone));
            var periods = SitePeriods.Of(first, last, granularity, zone)
                .Where(period => granularity != Granularity.Hour || (period.Start >= from && period.Start < to))
                .ToList();
            var sums = await SumsAsync(db, [.. site.Select(device => device.Id)], periods, cancel);

            foreach (var device in site)
            {
                consumption.Add(device.Id, new DeviceConsumption(device, first, last, granularity, [.. periods.Select((period, index) =>
                {
                    var sum = sums.GetValueOrDefault((device.Id, index));
                    return PeriodConsumption.Of(period, sum?.Energy ?? 0, sum?.ReadingCount ?? 0, device.ReportingIntervalSeconds, now);
                })]));
            }
        }

        return [.. devices.Select(device => consumption[device.Id])];
    }

    private static async Task<Dictionary<(Guid, int), PeriodSum>> SumsAsync(
        MonitoringDbContext db, Guid[] devices, List<SitePeriod> periods, CancellationToken cancel)
    {
        if (periods.Count == 0)
            return [];

        var starts = periods.ConvertAll(period => period.Start).ToArray();
        // The periods come from here and not from PostgreSQL's own zones, whose rules may be of another year. Hours that were
        // counted in another zone, before the device got this one, fall into the period that they start in.
        var sums = await db.Database.SqlQuery<PeriodSum>($"""
            select device_id, width_bucket(hour_start, {starts}) - 1 as period, sum(energy)::bigint as energy, sum(reading_count)::int as reading_count
            from hourly_consumption
            where device_id = any({devices}) and hour_start >= {starts[0]} and hour_start < {periods[^1].End}
            group by 1, 2
            """).ToListAsync(cancel);

        return sums.ToDictionary(sum => (sum.DeviceId, sum.Period));
    }

    private sealed record PeriodSum(Guid DeviceId, int Period, long Energy, int ReadingCount);
}
