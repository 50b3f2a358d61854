using System.Globalization;
using EnergyAspire.Data.Audit;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Request to recompute hours of a device from its raw readings.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="StartDate">First UTC day of the hours, <c>YYYY-MM-DD</c>; by default the oldest with raw readings.</param>
/// <param name="EndDate">Last UTC day, inclusive; by default the newest.</param>
public sealed record RepairRequest(Guid? DeviceId = null, string? StartDate = null, string? EndDate = null);

/// <summary>Result of a repair.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="HoursChanged">Number of hours that were repaired.</param>
/// <param name="Changes">These hours, oldest first.</param>
public sealed record RepairAnswer(string Message, int HoursChanged, List<RepairedHour> Changes);

/// <summary>A repaired hour.</summary>
/// <param name="Hour">Start of the device's hour in UTC.</param>
/// <param name="Before">Values before the repair; zeros when the hour had no row.</param>
/// <param name="After">Sums of the raw readings; zeros when there are none, and then the hour's row is deleted.</param>
public sealed record RepairedHour(DateTimeOffset Hour, CountedHour Before, CountedHour After)
{
    internal static RepairedHour Of(WrongHour wrong) => new(
        wrong.Hour,
        new CountedHour(Energy.ToKilowattHours(wrong.Energy ?? 0), wrong.ReadingCount ?? 0, wrong.SpreadCount ?? 0),
        new CountedHour(Energy.ToKilowattHours(wrong.RawEnergy ?? 0), wrong.RawCount ?? 0, wrong.RawSpread ?? 0));
}

/// <summary>Values of an hour.</summary>
/// <param name="Energy">Energy in kWh.</param>
/// <param name="ReadingCount">Number of readings that start in the hour.</param>
/// <param name="SpreadCount">Number of readings that start in an earlier hour and have a share in it.</param>
public sealed record CountedHour(decimal Energy, int ReadingCount, int SpreadCount);

/// <summary>Endpoint that recounts a device's hours.</summary>
public static class RepairEndpoint
{
    /// <summary>Recomputes a device's hours from its raw readings where they differ. New readings are stored after the repair has ended.</summary>
    /// <param name="request" example='{"device_id":"00000000-0000-7000-8000-0000000000d1","start_date":"2026-03-01","end_date":"2026-03-31"}'>Hours to recompute.</param>
    /// <response code="200">The hours are the sums of their raw readings. The changes are recorded in the audit log too.</response>
    /// <response code="404">There is no such device.</response>
    /// <response code="409">Raw readings of these hours are no longer kept, or the device's time zone is unknown. Nothing is changed.</response>
    public static async Task<Results<Ok<RepairAnswer>, ValidationProblem, NotFound, ProblemHttpResult>> RepairHours(
        RepairRequest request, MonitoringDbContext db, IOptions<IngestOptions> options, TimeProvider time, HttpContext http,
        CancellationToken cancel)
    {
        var fields = new QueryParameters();
        fields.Require("device_id", request.DeviceId?.ToString());
        var (first, last) = fields.Dates(request.StartDate, request.EndDate);
        if (!fields.AreValid)
            return fields.Problem;

        var now = time.GetUtcNow();
        var kept = KeptSpan.Of(options.Value, now);
        if (first < DateOnly.FromDateTime(kept.From.UtcDateTime))
            return Refusal($"All raw readings of the hours are kept since {kept.From:yyyy-MM-dd}; hours before can't be counted anew.");

        var id = request.DeviceId!.Value;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.HoldHoursAsync(cancel);
        // Read while the lock is held, so that the device's zone can't change.
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(known => known.Id == id, cancel);
        var zoneName = device?.TimeZone ?? SiteZones.OfUnknownDevices;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zoneName, out var zone))
            return Refusal($"This machine doesn't know the device's time zone {zoneName}.");

        var wrong = await HourRepair.FindAsync(db, kept.Narrow(first, last), id, zone, cancel);
        if (wrong.Count == 0)
            return device is null ? TypedResults.NotFound() : TypedResults.Ok(new RepairAnswer("Every hour is the sum of its raw readings.", 0, []));
        if (await HourRepair.LostDaysAsync(db, wrong, cancel) is { Count: > 0 } days)
            return Refusal($"The raw readings of {string.Join(", ", days)} are gone, so hours can't be counted anew. Choose a range without these days.");

        await HourRepair.RepairAsync(db, id, wrong, cancel);
        var changes = wrong.ConvertAll(RepairedHour.Of);
        db.Audit(
            http.Actor(), "hours_repaired", now, deviceId: id,
            before: new { Hours = changes.Select(change => new { change.Hour, change.Before.Energy, change.Before.ReadingCount, change.Before.SpreadCount }) },
            after: new { Hours = changes.Select(change => new { change.Hour, change.After.Energy, change.After.ReadingCount, change.After.SpreadCount }) });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.Ok(new RepairAnswer($"{changes.Count} hours are the sums of their raw readings again.", changes.Count, changes));
    }

    private static ProblemHttpResult Refusal(FormattableString detail) =>
        TypedResults.Problem(detail.ToString(CultureInfo.InvariantCulture), statusCode: StatusCodes.Status409Conflict);
}
