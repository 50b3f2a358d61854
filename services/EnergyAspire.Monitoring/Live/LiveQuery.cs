using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Queries for a live push.</summary>
internal static class LiveQuery
{
    /// <summary>Reads which devices each account may see at this moment, each with the first hour that it may see.</summary>
    public static async Task<Dictionary<Guid, Dictionary<Guid, DateTimeOffset>>> VisibleDevicesAsync(
        this MonitoringDbContext db, Guid[] accounts, CancellationToken cancel)
    {
        var mappings = accounts.Length == 0 ? [] : await db.Mappings
            .Where(mapping => accounts.Contains(mapping.UserId) && mapping.IsAssigned)
            .Join(db.Devices, mapping => mapping.DeviceId, device => device.Id, (mapping, device) => new { mapping.UserId, mapping.DeviceId, mapping.Periods, device.TimeZone })
            .ToListAsync(cancel);

        return mappings.GroupBy(mapping => mapping.UserId).ToDictionary(account => account.Key, account => account.ToDictionary(
            mapping => mapping.DeviceId,
            mapping => VisibleDevice.TimesOf(mapping.Periods, TimeZoneInfo.FindSystemTimeZoneById(mapping.TimeZone)) is [.., { From: var since }] ? since : DateTimeOffset.MaxValue));
    }
}
