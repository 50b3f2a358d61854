using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Measurements;

/// <summary>Reads raw readings of a device, newest first.</summary>
internal static class MeasurementQuery
{
    /// <summary>Reads the newest readings of a span of time.</summary>
    /// <param name="db">Database.</param>
    /// <param name="device">Device that the caller may see.</param>
    /// <param name="from">Start of the span.</param>
    /// <param name="to">End of the span, exclusive.</param>
    /// <param name="likely">Since when the device has probably sent that many.</param>
    /// <param name="most">Most readings to return.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<List<StoredEnergy>> NewestAsync(
        this MonitoringDbContext db, Guid device, DateTimeOffset from, DateTimeOffset to, DateTimeOffset likely, int most, CancellationToken cancel)
    {
        // Planning for a year of partitions takes far longer than reading the newest ones, and those nearly always have it all.
        if (likely > from)
        {
            var newest = await Stream(db, device, likely, to, most).ToListAsync(cancel);
            if (newest.Count == most)
                return newest;
        }

        return await Stream(db, device, from, to, most).ToListAsync(cancel);
    }

    /// <summary>Reads all readings of a span of time while they are consumed.</summary>
    public static IAsyncEnumerable<StoredEnergy> AllAsync(this MonitoringDbContext db, Guid device, DateTimeOffset from, DateTimeOffset to) =>
        Stream(db, device, from, to, most: null).AsAsyncEnumerable();

    private static IQueryable<StoredEnergy> Stream(MonitoringDbContext db, Guid device, DateTimeOffset from, DateTimeOffset to, int? most) =>
        db.Database.SqlQuery<StoredEnergy>($"""
            select timestamp, energy from readings
            where device_id = {device} and timestamp >= {from} and timestamp < {to}
            order by timestamp desc limit {most}
            """);
}

/// <summary>A stored reading of a device.</summary>
/// <param name="Timestamp">Start of the interval.</param>
/// <param name="Energy">Milliwatt-hours.</param>
internal sealed record StoredEnergy(DateTimeOffset Timestamp, long Energy);
