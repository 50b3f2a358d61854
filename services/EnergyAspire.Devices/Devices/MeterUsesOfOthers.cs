using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Devices;

/// <summary>Ensures that a meter measures for one device at a time.</summary>
internal static class MeterUsesOfOthers
{
    /// <summary>
    /// Serializes transactions that assign meters to devices, until this one ends. Call it before <see cref="FindUseOfOthersAsync"/>. Lock order: the
    /// device's row first.
    /// </summary>
    public static Task HoldMetersAsync(this DeviceDbContext db, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('meters'))", cancel);

    /// <summary>Returns in words which meter of a device measures for another device at the same time; null when none does.</summary>
    public static async Task<string?> FindUseOfOthersAsync(this DeviceDbContext db, Device device, CancellationToken cancel)
    {
        var uses = MeterUses.Of(device.Meters, device.Id).ToList();
        var ids = uses.ConvertAll(use => use.MeterId).Distinct().ToArray();
        var listed = Array.ConvertAll(ids, id => JsonSerializer.Serialize(new[] { new { meter_id = id } }));
        var others = await db.Devices
            .FromSql($"""
                select * from devices where id <> {device.Id} and id in (
                    select unnest({ids})
                    union all
                    select held.id from unnest({listed}::jsonb[]) as asked (meter) join devices held on held.meters @> asked.meter)
                """)
            .AsNoTracking()
            .ToListAsync(cancel);

        return others
            .SelectMany(other => MeterUses.Of(other.Meters, other.Id).Where(use => uses.Exists(use.Overlaps)), Words)
            .FirstOrDefault();
    }

    private static string Words(Device other, MeterUse use) =>
        $"The meter {use.MeterId} measures for the device “{other.Name}” ({other.Id}){Since(use.From)}{Until(use.Until)}. A meter measures for one device at a time.";

    private static string Since(DateTimeOffset? from) => from is { } time ? $" since {Word(time)}" : "";

    private static string Until(DateTimeOffset? until) => until is { } time ? $" until {Word(time)}" : "";

    private static string Word(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
