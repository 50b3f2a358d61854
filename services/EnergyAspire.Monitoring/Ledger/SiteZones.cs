using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Time zones of devices.</summary>
internal static class SiteZones
{
    /// <summary>Zone for rows of an unknown device. Such rows only exist if someone changed the database by hand.</summary>
    public const string OfUnknownDevices = "UTC";

    /// <summary>Reads the zones of all devices, deleted ones included. Zones that this machine doesn't know are returned by name.</summary>
    public static async Task<(List<TimeZoneInfo> Known, List<string> Unknown)> ReadAsync(MonitoringDbContext db, CancellationToken cancel)
    {
        var names = await db.Devices.Select(device => device.TimeZone).Distinct().ToListAsync(cancel);
        var (known, unknown) = (new List<TimeZoneInfo>(), new List<string>());
        foreach (var name in names.Append(OfUnknownDevices).Distinct(StringComparer.Ordinal))
        {
            if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
                known.Add(zone);
            else
                unknown.Add(name);
        }

        return (known, unknown);
    }
}
