using System.Diagnostics.CodeAnalysis;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>Selection of readings. At least one field is required, and readings must match all given fields.</summary>
/// <param name="Reason">Only readings with this reason.</param>
/// <param name="DeviceId">Only readings of this device, and those of its meters that belong to no device.</param>
/// <param name="Ids">Only these readings, at most 1000. Discarded readings are selected only by their ids.</param>
public sealed record QuarantineChoice(string? Reason = null, Guid? DeviceId = null, Guid[]? Ids = null)
{
    private const int MostIds = 1000;

    /// <summary>Checks that at least one field is given; otherwise returns false and the problem to answer with.</summary>
    internal bool IsValid([NotNullWhen(false)] out ValidationProblem? problem)
    {
        var fields = new QueryParameters();
        fields.CheckReason(Reason);
        if (Ids?.Length > MostIds)
            fields.Refuse("ids", $"At most {MostIds} readings can be named.");
        if (Reason is null && DeviceId is null && Ids is not { Length: > 0 })
            fields.Refuse("ids", "Choose readings by reason, device_id or ids.");
        problem = fields.AreValid ? null : fields.Problem;

        return problem is null;
    }
}

/// <summary>Filters of quarantined readings.</summary>
internal static class QuarantineQueries
{
    /// <summary>Filters readings by an admin's choice.</summary>
    public static IQueryable<QuarantinedReading> Matching(this IQueryable<QuarantinedReading> readings, QuarantineChoice choice, MonitoringDbContext db)
    {
        var (reason, device, ids) = choice;
        readings = ids is null ? readings.Where(reading => reading.DiscardedAt == null) : readings.Where(reading => ids.Contains(reading.Id));
        if (reason is not null)
            readings = readings.Where(reading => reading.Reason == reason);
        if (device is not null)
            readings = readings.OfDevice(device.Value, db);

        return readings;
    }

    /// <summary>Filters readings to those of a device, and those of its meters that belong to no device.</summary>
    public static IQueryable<QuarantinedReading> OfDevice(this IQueryable<QuarantinedReading> readings, Guid device, MonitoringDbContext db) =>
        readings.Where(reading => reading.DeviceId == device
            || ((reading.Reason == QuarantineReason.MeterNotInUse || reading.Reason == QuarantineReason.UnknownDevice)
                && db.Meters.Any(meter => meter.DeviceId == device && meter.MeterId == reading.DeviceId)));

    /// <summary>Records an error for a reason that doesn't exist.</summary>
    public static void CheckReason(this QueryParameters fields, string? reason)
    {
        if (reason is not null && !QuarantineReason.All.Contains(reason))
            fields.Refuse("reason", $"reason must be one of {string.Join(", ", QuarantineReason.All)}.");
    }
}
