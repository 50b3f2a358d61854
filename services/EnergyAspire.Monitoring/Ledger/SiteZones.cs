using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Zones that devices are in.</summary>
internal static class SiteZones
{
    /// <summary>Zone of rows whose device isn't known; only tampering makes such rows.</summary>
    public const string OfUnknownDevices = "UTC";

    /// <summary>Reads the zones of all devices, deleted ones too, and the names of those that this machine doesn't know.</summary>
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
