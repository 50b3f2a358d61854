using EnergyAspire.Api.Lists;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Data.Lists;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>Endpoints for admins that list and count quarantined readings.</summary>
public static class QuarantineEndpoints
{
    private const string Bounds =
        "A date is in the zone of the given device, else in UTC; a time is in RFC 3339. It is compared with the reading's timestamp, or with the time of arrival if no timestamp could be read.";

    /// <summary>Adds the retries of quarantined readings.</summary>
    public static IHostApplicationBuilder AddQuarantine(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<QuarantineReplay>();
        builder.Services.AddHostedService<QuarantineRetries>();

        return builder;
    }

    /// <summary>Maps <c>/api/monitoring/quarantine</c>.</summary>
    public static void MapQuarantine(this IEndpointRouteBuilder routes)
    {
        var quarantine = routes.MapGroup("/api/monitoring/quarantine").WithTags("Quarantine").RequireAuthorization(Policies.Admin);

        quarantine.MapGet("/", GetQuarantine).WithPaging()
            .DescribeParameter("reason", $"Only readings with this reason: {string.Join(", ", QuarantineReason.All)}.", QuarantineReason.Malformed)
            .DescribeParameter("discarded", "`true` for discarded readings; by default readings that are not discarded.", "false");
        quarantine.MapGet("/summary", GetSummary)
            .DescribeParameter("device_id", "Only readings of this device, and those of its meters that belong to no device.", "3fa85f64-5717-4562-b3fc-2c963f66afa6")
            .DescribeParameter("start_date", $"Only readings of this date and later, or from this time on. {Bounds}", "2026-03-29")
            .DescribeParameter("end_date", $"Only readings of this date and earlier, or before this time. {Bounds}", "2026-03-29");
        quarantine.MapQuarantineChanges();
    }

    /// <summary>Lists readings in quarantine, newest first, with the beginning of each message.</summary>
    /// <param name="reason">Only readings with this reason.</param>
    /// <param name="deviceId">Only readings of this device, and those of its meters that belong to no device.</param>
    /// <param name="discarded"><c>true</c> for discarded readings; by default readings that are not discarded.</param>
    public static async Task<Results<Ok<List<ListedReading>>, ValidationProblem>> GetQuarantine(
        [AsParameters] PageRequest paging, ReadingParser parser, MonitoringDbContext db, string? reason, [FromQuery(Name = "device_id")] string? deviceId,
        string? discarded, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var parameters = new QueryParameters();
        parameters.CheckReason(reason);
        var device = parameters.Id("device_id", deviceId);
        var isDiscarded = parameters.Flag("discarded", discarded);
        if (!parameters.AreValid)
            return parameters.Problem;

        var readings = db.Quarantine.AsNoTracking().Where(reading => (reading.DiscardedAt != null) == isDiscarded);
        if (reason is not null)
            readings = readings.Where(reading => reading.Reason == reason);
        if (device is not null)
            readings = readings.OfDevice(device.Value, db);
        var after = page.After is { Id: var last } ? readings.Where(reading => reading.Id < last) : readings;
        var rows = await ListedReading.Beginnings(after.OrderByDescending(reading => reading.Id).Take(page.Take)).ToListAsync(cancel);

        var cut = await page.CutAsync(rows, reading => new PageKey("", reading.Id), readings, cancel);
        return TypedResults.Ok(cut.ConvertAll(reading => ListedReading.From(reading, parser)));
    }

    /// <summary>Counts readings in quarantine by reason, without discarded ones; optionally of one device and period.</summary>
    /// <param name="deviceId">Only readings of this device, and those of its meters that belong to no device.</param>
    /// <param name="startDate">Only readings of this date and later, or from this time on.</param>
    /// <param name="endDate">Only readings of this date and earlier, or before this time.</param>
    public static async Task<Results<Ok<List<QuarantineSummary>>, ValidationProblem>> GetSummary(
        MonitoringDbContext db, [FromQuery(Name = "device_id")] string? deviceId, [FromQuery(Name = "start_date")] string? startDate,
        [FromQuery(Name = "end_date")] string? endDate, CancellationToken cancel)
    {
        var parameters = new QueryParameters();
        var device = parameters.Id("device_id", deviceId);
        var bounds = parameters.Bounds(startDate, endDate);
        if (!parameters.AreValid)
            return parameters.Problem;

        var readings = db.Quarantine.Where(reading => reading.DiscardedAt == null);
        if (device is not null)
            readings = readings.OfDevice(device.Value, db);
        if (!bounds.AreOpen)
        {
            var site = await db.Devices.Where(known => known.Id == device).Select(known => known.TimeZone).SingleOrDefaultAsync(cancel);
            var (from, to) = bounds.At(site is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(site));
            readings = readings.Where(reading =>
                (reading.Timestamp >= from && reading.Timestamp < to)
                || (reading.Timestamp == null && reading.ReceivedAt >= from && reading.ReceivedAt < to));
        }

        var reasons = await readings
            .GroupBy(reading => reading.Reason)
            .OrderBy(reason => reason.Key)
            .Select(reason => new
            {
                reason.Key,
                Count = reason.LongCount(),
                Oldest = reason.Min(reading => reading.ReceivedAt),
                Newest = reason.Max(reading => reading.ReceivedAt),
            })
            .ToListAsync(cancel);

        return TypedResults.Ok(reasons.ConvertAll(reason =>
            new QuarantineSummary(reason.Key, reason.Count, reason.Oldest, reason.Newest, QuarantineReason.IsRetryable(reason.Key))));
    }
}
