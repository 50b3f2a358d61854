using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Hours;

/// <summary>What decides which hours the energy of a device's readings belongs to.</summary>
/// <param name="TimeZone">IANA zone of its site.</param>
/// <param name="IntervalSeconds">Present interval.</param>
/// <param name="Settings">History of its settings; empty when the present interval was always valid.</param>
internal sealed record HourRules(string TimeZone, int IntervalSeconds, IReadOnlyList<DeviceSettings> Settings)
{
    /// <summary>Returns the interval, in seconds, that was valid at a time.</summary>
    public int IntervalAt(DateTimeOffset time) => Settings.IntervalAt(IntervalSeconds, time);

    /// <summary>Returns since when readings are counted differently by other rules; null when no reading is.</summary>
    public DateTimeOffset? DiffersSince(HourRules other) => TimeZone != other.TimeZone
        ? DateTimeOffset.MinValue
        : Settings.Concat(other.Settings).Select(settings => settings.From ?? DateTimeOffset.MinValue).Append(DateTimeOffset.MinValue)
            .Distinct().Order()
            .Where(change => IntervalAt(change) != other.IntervalAt(change))
            .Select(change => (DateTimeOffset?)change)
            .FirstOrDefault();
}

/// <summary>Recounts a device's hours from its raw readings when the zone of its site or its interval changes.</summary>
/// <remarks>
/// Of each raw reading that is kept, the shares by the former rules are subtracted from their hours and the shares by the new ones are added. So no
/// energy is lost: energy whose raw readings were dropped by retention stays in its hour. In reports such an hour belongs to the day that contains its
/// start.
/// </remarks>
internal static class HourRecount
{
    private static readonly TimeSpan Portion = TimeSpan.FromDays(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Recounts the readings from a time on. Call it in a transaction that holds <see cref="HourLock"/>.</summary>
    /// <param name="device">Device.</param>
    /// <param name="before">Rules that the hours were counted by.</param>
    /// <param name="after">Rules that they are counted by from now on.</param>
    /// <param name="since">Start of the first interval that is recounted.</param>
    public static async Task RecountAsync(
        MonitoringDbContext db, Guid device, HourRules before, HourRules after, DateTimeOffset since, CancellationToken cancel)
    {
        var (zoneBefore, zoneAfter) = (TimeZoneInfo.FindSystemTimeZoneById(before.TimeZone), TimeZoneInfo.FindSystemTimeZoneById(after.TimeZone));
        var kept = await db.Database.SqlQuery<Span>($"""
            select min(timestamp) as first, max(timestamp) as last from readings where device_id = {device} and timestamp >= {since}
            """).SingleAsync(cancel);
        if (kept is not { First: { } first, Last: { } last })
            return;

        db.Database.SetCommandTimeout(Patience);
        var (changes, hours) = (new HourChanges(), new ClockHours());
        // Day by day, so that memory and statements stay small however often the meter reports.
        for (var from = first; from <= last; from += Portion)
            await RecountAsync(db, device, (from, from + Portion), Change, cancel);
        await changes.ApplyAsync(db, cancel);

        int? Change(SpreadReading reading)
        {
            // The interval of a register reading ends with the next one.
            var spread = reading.IsRegister
                ? reading.SpreadSeconds
                : HourShares.SpreadSeconds(reading.Timestamp, hours.At(reading.Timestamp, zoneAfter).End, after.IntervalAt(reading.Timestamp));
            changes.Subtract(device, reading.Timestamp, reading.Energy, reading.SpreadSeconds, zoneBefore);
            changes.Add(device, reading.Timestamp, reading.Energy, spread, zoneAfter);
            return spread;
        }
    }

    private static async Task RecountAsync(
        MonitoringDbContext db, Guid device, (DateTimeOffset From, DateTimeOffset Until) span, Func<SpreadReading, int?> change, CancellationToken cancel)
    {
        var (timestamps, spreads) = (new List<DateTimeOffset>(), new List<int?>());
        var readings = db.Database.SqlQuery<SpreadReading>($"""
            select timestamp, energy, spread_seconds, register_value is not null as is_register from readings
            where device_id = {device} and timestamp >= {span.From} and timestamp < {span.Until}
            """).AsAsyncEnumerable();
        await foreach (var reading in readings.WithCancellation(cancel))
        {
            var spread = change(reading);
            if (spread == reading.SpreadSeconds)
                continue;

            timestamps.Add(reading.Timestamp);
            spreads.Add(spread);
        }

        if (timestamps.Count == 0)
            return;

        await db.Database.ExecuteSqlAsync($"""
            update readings set spread_seconds = recounted.spread_seconds
            from unnest({timestamps}, {spreads}) as recounted (timestamp, spread_seconds)
            where device_id = {device} and readings.timestamp >= {span.From} and readings.timestamp < {span.Until}
                and readings.timestamp = recounted.timestamp
            """, cancel);
    }

    private sealed record Span(DateTimeOffset? First, DateTimeOffset? Last);

    private sealed record SpreadReading(DateTimeOffset Timestamp, long Energy, int? SpreadSeconds, bool IsRegister);
}
