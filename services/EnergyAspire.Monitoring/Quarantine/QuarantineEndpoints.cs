using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>What was not accepted, for admins.</summary>
public static class QuarantineEndpoints
{
    /// <summary>Maps <c>/api/monitoring/quarantine</c>.</summary>
    public static void MapQuarantine(this IEndpointRouteBuilder routes)
    {
        var quarantine = routes.MapGroup("/api/monitoring/quarantine").WithTags("Quarantine").RequireAuthorization(Policies.Admin);

        quarantine.MapGet("/", GetQuarantine).WithPaging()
            .DescribeParameter("reason", $"Only those with this reason: {string.Join(", ", QuarantineReason.All)}.", QuarantineReason.Malformed)
            .DescribeParameter("discarded", "`true` for discarded readings; without it those that are open.", "false");
        quarantine.MapGet("/summary", GetSummary);
        quarantine.MapQuarantineChanges();
    }

    /// <summary>Lists readings that were not accepted, newest first, with the beginning of what arrived.</summary>
    /// <param name="paging">Which page.</param>
    /// <param name="db">Database.</param>
    /// <param name="reason">Only those with this reason.</param>
    /// <param name="deviceId">Only those of this device.</param>
    /// <param name="discarded"><c>true</c> for discarded readings; without it those that are open.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<List<ListedReading>>, ValidationProblem>> GetQuarantine(
        [AsParameters] PageRequest paging, MonitoringDbContext db, string? reason, [FromQuery(Name = "device_id")] string? deviceId,
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
            readings = readings.Where(reading => reading.DeviceId == device);
        var after = page.After is { Id: var last } ? readings.Where(reading => reading.Id < last) : readings;
        var rows = await ListedReading.Beginnings(after.OrderByDescending(reading => reading.Id).Take(page.Take)).ToListAsync(cancel);

        return TypedResults.Ok((await page.CutAsync(rows, reading => new PageKey("", reading.Id), readings, cancel)).ConvertAll(ListedReading.From));
    }

    /// <summary>Counts readings that were not accepted by reason, without discarded ones.</summary>
    /// <param name="db">Database.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Ok<List<QuarantineSummary>>> GetSummary(MonitoringDbContext db, CancellationToken cancel) =>
        TypedResults.Ok(await db.Quarantine
            .Where(reading => reading.DiscardedAt == null)
            .GroupBy(reading => reading.Reason)
            .OrderBy(reason => reason.Key)
            .Select(reason => new QuarantineSummary(
                reason.Key, reason.LongCount(), reason.Min(reading => reading.ReceivedAt), reason.Max(reading => reading.ReceivedAt)))
            .ToListAsync(cancel));
}
