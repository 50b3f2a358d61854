using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Hours;

/// <summary>Collects readings that are added to the hours of a device, or taken from them, and changes the hours at once.</summary>
internal sealed class HourChanges
{
    private readonly Dictionary<DateTimeOffset, HourChange> _hours = [];

    /// <summary>Adds a reading's shares to their hours.</summary>
    /// <inheritdoc cref="HourShares.Of" />
    public void Add(DateTimeOffset timestamp, long energy, int? spreadSeconds, TimeZoneInfo zone) => Add(timestamp, energy, spreadSeconds, zone, sign: 1);

    /// <summary>Takes a reading's shares from their hours.</summary>
    /// <inheritdoc cref="HourShares.Of" />
    public void Subtract(DateTimeOffset timestamp, long energy, int? spreadSeconds, TimeZoneInfo zone) => Add(timestamp, energy, spreadSeconds, zone, sign: -1);

    /// <summary>
    /// Changes the hours of a device. An hour that no reading has a share in any more is deleted. Call it in a transaction that holds
    /// <see cref="HourLock"/>.
    /// </summary>
    public async Task ApplyAsync(MonitoringDbContext db, Guid device, CancellationToken cancel)
    {
        var changed = _hours.Where(hour => hour.Value != default).ToList();
        if (changed.Count == 0)
            return;

        var starts = changed.ConvertAll(hour => hour.Key);
        await HourMonths.EnsureAsync((NpgsqlConnection)db.Database.GetDbConnection(), starts, cancel);
        await db.Database.ExecuteSqlAsync($"""
            insert into hourly_consumption as hour (device_id, hour_start, energy, reading_count, spread_count)
            select {device}, * from unnest(
                {starts}, {changed.ConvertAll(hour => hour.Value.Energy)}, {changed.ConvertAll(hour => hour.Value.ReadingCount)},
                {changed.ConvertAll(hour => hour.Value.SpreadCount)})
            on conflict (device_id, hour_start) do update set
                energy = hour.energy + excluded.energy, reading_count = hour.reading_count + excluded.reading_count,
                spread_count = hour.spread_count + excluded.spread_count
            """, cancel);
        await db.Database.ExecuteSqlAsync($"""
            delete from hourly_consumption
            where device_id = {device} and hour_start = any({starts}) and energy = 0 and reading_count = 0 and spread_count = 0
            """, cancel);
    }

    private void Add(DateTimeOffset timestamp, long energy, int? spreadSeconds, TimeZoneInfo zone, int sign)
    {
        foreach (var (hour, share) in HourShares.Of(timestamp, energy, spreadSeconds, zone))
        {
            var (sum, readingCount, spreadCount) = _hours.GetValueOrDefault(hour);
            var starts = hour <= timestamp;
            _hours[hour] = new HourChange(sum + (sign * share), readingCount + (starts ? sign : 0), spreadCount + (starts ? 0 : sign));
        }
    }

    private readonly record struct HourChange(long Energy, int ReadingCount, int SpreadCount);
}
