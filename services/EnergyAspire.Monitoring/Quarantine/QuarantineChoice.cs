using System.Diagnostics.CodeAnalysis;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>Which readings to act on; at least one of its fields is given, and readings meet all that are.</summary>
/// <param name="Reason">Those with this reason.</param>
/// <param name="DeviceId">Those of this device.</param>
/// <param name="Ids">These, at most 1000; discarded ones count only when they are named here.</param>
public sealed record QuarantineChoice(string? Reason = null, Guid? DeviceId = null, Guid[]? Ids = null)
{
    private const int MostIds = 1000;

    /// <summary>Whether it says which readings it means; false with the answer to give when it doesn't.</summary>
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

/// <summary>Narrowing quarantine.</summary>
internal static class QuarantineQueries
{
    /// <summary>Narrows readings to those that an admin chose.</summary>
    public static IQueryable<QuarantinedReading> Matching(this IQueryable<QuarantinedReading> readings, QuarantineChoice choice)
    {
        var (reason, device, ids) = choice;
        readings = ids is null ? readings.Where(reading => reading.DiscardedAt == null) : readings.Where(reading => ids.Contains(reading.Id));
        if (reason is not null)
            readings = readings.Where(reading => reading.Reason == reason);
        if (device is not null)
            readings = readings.Where(reading => reading.DeviceId == device);

        return readings;
    }

    /// <summary>Refuses a reason that no reading can have.</summary>
    public static void CheckReason(this QueryParameters fields, string? reason)
    {
        if (reason is not null && !QuarantineReason.All.Contains(reason))
            fields.Refuse("reason", $"reason must be one of {string.Join(", ", QuarantineReason.All)}.");
    }
}
