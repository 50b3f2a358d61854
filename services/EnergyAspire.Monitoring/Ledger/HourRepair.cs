using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Repairs a device's hours, so that they are the sums of their raw readings.</summary>
internal static class HourRepair
{
    /// <summary>Returns the hours that differ. While <see cref="HourLock"/> is held the result stays valid until the transaction ends.</summary>
    public static async Task<List<WrongHour>> FindAsync(
        MonitoringDbContext db, KeptSpan span, Guid device, TimeZoneInfo zone, CancellationToken cancel) =>
        (await HourCheck.CompareAsync(db, span, [zone], device, cancel)).Wrong;

    /// <summary>Returns the days of these hours whose raw readings were dropped. Recounting their hours would lose energy.</summary>
    public static Task<List<string>> LostDaysAsync(MonitoringDbContext db, IEnumerable<WrongHour> hours, CancellationToken cancel)
    {
        var days = hours.Where(hour => hour.HasLostReadings)
            .SelectMany(hour => new[] { hour.SpreadCount > 0 ? hour.Hour - HourShares.LongestSpread : hour.Hour, hour.Hour, hour.Hour.AddHours(1).AddTicks(-1) })
            .Select(instant => DateOnly.FromDateTime(instant.UtcDateTime))
            .Distinct().ToArray();
        var partitions = Array.ConvertAll(days, ReadingPartitions.NameOf);

        return db.Database.SqlQuery<string>($"""
            select to_char(day, 'YYYY-MM-DD') as "Value"
            from unnest({days}, {partitions}) as needed (day, partition)
            where not exists (select from pg_inherits where inhparent = 'readings'::regclass and inhrelid = to_regclass(partition))
            order by day
            """).ToListAsync(cancel);
    }

    /// <summary>Overwrites the hours with the sums of the shares of their raw readings.</summary>
    public static async Task RepairAsync(MonitoringDbContext db, Guid device, List<WrongHour> hours, CancellationToken cancel)
    {
        var gone = hours.Where(hour => hour.RawCount is null).Select(hour => hour.Hour).ToArray();
        await db.Database.ExecuteSqlAsync($"delete from hourly_consumption where device_id = {device} and hour_start = any({gone})", cancel);

        var raw = hours.FindAll(hour => hour.RawCount is not null);
        await HourMonths.EnsureAsync((NpgsqlConnection)db.Database.GetDbConnection(), raw.Select(hour => hour.Hour), cancel);
        await db.Database.ExecuteSqlAsync($"""
            insert into hourly_consumption (device_id, hour_start, energy, reading_count, spread_count)
            select {device}, hour_start, energy, reading_count, spread_count
            from unnest(
                {raw.Select(hour => hour.Hour).ToArray()}, {raw.Select(hour => hour.RawEnergy!.Value).ToArray()},
                {raw.Select(hour => hour.RawCount!.Value).ToArray()}, {raw.Select(hour => hour.RawSpread!.Value).ToArray()})
                as raw (hour_start, energy, reading_count, spread_count)
            on conflict (device_id, hour_start) do update set
                energy = excluded.energy, reading_count = excluded.reading_count, spread_count = excluded.spread_count
            """, cancel);
    }
}
