using System.Globalization;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Which hours to count anew from raw readings.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="StartDate">First UTC day of the hours, <c>YYYY-MM-DD</c>; the oldest with raw readings when it is left out.</param>
/// <param name="EndDate">Last UTC day, part of the range; the newest when it is left out.</param>
public sealed record RepairRequest(Guid? DeviceId = null, string? StartDate = null, string? EndDate = null);

/// <summary>What a repair came to.</summary>
/// <param name="Message">The same in words.</param>
/// <param name="HoursChanged">How many hours were wrong.</param>
/// <param name="Changes">Those hours, oldest first.</param>
public sealed record RepairAnswer(string Message, int HoursChanged, List<RepairedHour> Changes);

/// <summary>An hour that was wrong.</summary>
/// <param name="Hour">Start of the device's hour in UTC.</param>
/// <param name="Before">What it said; zeros when there was no such hour.</param>
/// <param name="After">What its raw readings are; zeros when there are none, and then the hour is gone.</param>
public sealed record RepairedHour(DateTimeOffset Hour, CountedHour Before, CountedHour After)
{
    internal static RepairedHour Of(WrongHour wrong) => new(
        wrong.Hour,
        new CountedHour(Energy.ToKilowattHours(wrong.Energy ?? 0), wrong.ReadingCount ?? 0),
        new CountedHour(Energy.ToKilowattHours(wrong.RawEnergy ?? 0), wrong.RawCount ?? 0));
}

/// <summary>What an hour counts.</summary>
/// <param name="Energy">kWh.</param>
/// <param name="ReadingCount">How many readings it is the sum of.</param>
public sealed record CountedHour(decimal Energy, int ReadingCount);

/// <summary>Mending hours.</summary>
public static class RepairEndpoint
{
    /// <summary>Counts a device's hours anew from its raw readings where they differ. Readings that arrive meanwhile wait for it.</summary>
    /// <param name="db">Database.</param>
    /// <param name="options">How long raw readings are kept.</param>
    /// <param name="time">Clock.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <param name="request" example='{"device_id":"00000000-0000-7000-8000-0000000000d1","start_date":"2026-03-01","end_date":"2026-03-31"}'>Which hours.</param>
    /// <response code="200">The hours are the sums of their raw readings; what was changed is in the audit too.</response>
    /// <response code="404">There is no such device.</response>
    /// <response code="409">Raw readings of these hours are not kept any more, so that they can't be counted anew; nothing is changed.</response>
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
        if (first < options.Value.OldestDay(now))
            return Refusal($"Raw readings are kept since {options.Value.OldestDay(now):yyyy-MM-dd}; hours before can't be counted anew.");

        var id = request.DeviceId!.Value;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.HoldHoursAsync(cancel);
        // Behind the lock, where nobody gives the device another zone.
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(known => known.Id == id, cancel);
        var zoneName = device?.TimeZone ?? SiteZones.OfUnknownDevices;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zoneName, out var zone))
            return Refusal($"This machine doesn't know the device's time zone {zoneName}.");

        var wrong = await HourRepair.FindAsync(db, KeptSpan.Of(options.Value, now).Narrow(first, last), id, zone, cancel);
        if (wrong.Count == 0)
            return device is null ? TypedResults.NotFound() : TypedResults.Ok(new RepairAnswer("Every hour is the sum of its raw readings.", 0, []));
        if (await HourRepair.LostDaysAsync(db, wrong, cancel) is { Count: > 0 } days)
            return Refusal($"The raw readings of {string.Join(", ", days)} are gone, so hours can't be counted anew. Choose a range without these days.");

        await HourRepair.RepairAsync(db, id, wrong, cancel);
        var changes = wrong.ConvertAll(RepairedHour.Of);
        db.Audit(
            http.Actor(), "hours_repaired", now, deviceId: id,
            before: new { Hours = changes.Select(change => new { change.Hour, change.Before.Energy, change.Before.ReadingCount }) },
            after: new { Hours = changes.Select(change => new { change.Hour, change.After.Energy, change.After.ReadingCount }) });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.Ok(new RepairAnswer($"{changes.Count} hours are the sums of their raw readings again.", changes.Count, changes));
    }

    private static ProblemHttpResult Refusal(FormattableString detail) =>
        TypedResults.Problem(detail.ToString(CultureInfo.InvariantCulture), statusCode: StatusCodes.Status409Conflict);
}
