using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Counts a device's hours anew from its raw readings, when its site gets another zone.</summary>
/// <remarks>
/// Hours of which retention has dropped raw readings stay as they were counted, so that no energy is lost: they fall into the day that they
/// start in, of whichever zone.
/// </remarks>
internal static class HourRecount
{
    /// <summary>Moves everything that is kept raw from the hours of one zone into those of another.</summary>
    /// <param name="db">Database, in a transaction that holds <see cref="HourLock"/>.</param>
    /// <param name="device">Device.</param>
    /// <param name="before">Zone that the hours were counted in.</param>
    /// <param name="after">Zone that they are counted in from now on.</param>
    /// <param name="cancel">Set when the process stops.</param>
    public static async Task RecountAsync(MonitoringDbContext db, Guid device, TimeZoneInfo before, TimeZoneInfo after, CancellationToken cancel)
    {
        var kept = await db.Database.SqlQuery<Span>($"""
            select min(timestamp) as first, max(timestamp) as last from readings where device_id = {device}
            """).SingleAsync(cancel);
        if (kept is not { First: { } first, Last: { } last })
            return;

        var start = SiteClock.HourStart(first, before);
        var next = SiteClock.NextHour(start, before);
        var isWhole = await db.Database.SqlQuery<bool>($"""
            select coalesce((select reading_count from hourly_consumption where device_id = {device} and hour_start = {start}), 0)
                <= (select count(*) from readings where device_id = {device} and timestamp >= {start} and timestamp < {next}) as "Value"
            """).SingleAsync(cancel);
        if (!isWhole)
            start = next;

        var hours = new List<DateTimeOffset>();
        for (var hour = SiteClock.HourStart(start, after); hour <= last; hour = SiteClock.NextHour(hour, after))
            hours.Add(hour);
        if (hours.Count == 0)
            return;

        var bounds = hours.ToArray();
        await db.Database.ExecuteSqlAsync($"delete from hourly_consumption where device_id = {device} and hour_start >= {start}", cancel);
        await db.Database.ExecuteSqlAsync($"""
            insert into hourly_consumption as hour (device_id, hour_start, energy, reading_count)
            select device_id, ({bounds})[width_bucket(timestamp, {bounds})], sum(energy), count(*)
            from readings
            where device_id = {device} and timestamp >= {start}
            group by 1, 2
            on conflict (device_id, hour_start) do update set
                energy = hour.energy + excluded.energy, reading_count = hour.reading_count + excluded.reading_count
            """, cancel);
    }

    private sealed record Span(DateTimeOffset? First, DateTimeOffset? Last);
}
