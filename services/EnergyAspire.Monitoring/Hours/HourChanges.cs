using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Hours;

/// <summary>Collects readings that are added to the hours of devices, or taken from them, and changes the hours at once.</summary>
internal sealed class HourChanges
{
    private readonly Dictionary<(Guid DeviceId, DateTimeOffset Start), HourChange> _hours = [];

    /// <summary>Adds a reading's shares to their hours.</summary>
    /// <inheritdoc cref="HourShares.Of" />
    public void Add(Guid device, DateTimeOffset timestamp, long energy, int? spreadSeconds, TimeZoneInfo zone) =>
        Add(device, timestamp, energy, spreadSeconds, zone, sign: 1);

    /// <summary>Takes a reading's shares from their hours.</summary>
    /// <inheritdoc cref="HourShares.Of" />
    public void Subtract(Guid device, DateTimeOffset timestamp, long energy, int? spreadSeconds, TimeZoneInfo zone) =>
        Add(device, timestamp, energy, spreadSeconds, zone, sign: -1);

    /// <summary>
    /// Changes the hours. An hour that no reading has a share in any more is deleted. Call it in a transaction that holds <see cref="HourLock"/>.
    /// </summary>
    /// <returns>The hours that have more energy than before.</returns>
    public async Task<IReadOnlyList<(Guid DeviceId, DateTimeOffset Start)>> ApplyAsync(MonitoringDbContext db, CancellationToken cancel)
    {
        var changed = _hours.Where(hour => hour.Value != default).ToList();
        if (changed.Count == 0)
            return [];

        var (devices, starts) = (changed.ConvertAll(hour => hour.Key.DeviceId), changed.ConvertAll(hour => hour.Key.Start));
        await HourMonths.EnsureAsync((NpgsqlConnection)db.Database.GetDbConnection(), starts, cancel);
        await db.Database.ExecuteSqlAsync($"""
            insert into hourly_consumption as hour (device_id, hour_start, energy, reading_count, spread_count)
            select * from unnest(
                {devices}, {starts}, {changed.ConvertAll(hour => hour.Value.Energy)}, {changed.ConvertAll(hour => hour.Value.ReadingCount)},
                {changed.ConvertAll(hour => hour.Value.SpreadCount)}) as change (device_id, hour_start, energy, reading_count, spread_count)
            order by device_id, hour_start
            on conflict (device_id, hour_start) do update set
                energy = hour.energy + excluded.energy, reading_count = hour.reading_count + excluded.reading_count,
                spread_count = hour.spread_count + excluded.spread_count
            """, cancel);
        await db.Database.ExecuteSqlAsync($"""
            delete from hourly_consumption as hour using unnest({devices}, {starts}) as change (device_id, hour_start)
            where hour.device_id = change.device_id and hour.hour_start = change.hour_start
                and hour.energy = 0 and hour.reading_count = 0 and hour.spread_count = 0
            """, cancel);

        return [.. changed.Where(hour => hour.Value.Energy > 0).Select(hour => hour.Key)];
    }

    private void Add(Guid device, DateTimeOffset timestamp, long energy, int? spreadSeconds, TimeZoneInfo zone, int sign)
    {
        foreach (var (hour, share) in HourShares.Of(timestamp, energy, spreadSeconds, zone))
        {
            var (sum, readingCount, spreadCount) = _hours.GetValueOrDefault((device, hour));
            var starts = hour <= timestamp;
            _hours[(device, hour)] = new HourChange(sum + (sign * share), readingCount + (starts ? sign : 0), spreadCount + (starts ? 0 : sign));
        }
    }

    private readonly record struct HourChange(long Energy, int ReadingCount, int SpreadCount);
}
