using EnergyAspire.Api.OpenApi;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Endpoints that list, verify and repair the ledger of arrived readings.</summary>
public static class LedgerEndpoints
{
    private const int DefaultDays = 7;

    /// <summary>Registers the verification.</summary>
    public static IHostApplicationBuilder AddLedger(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<Verification>();
        builder.Services.AddSingleton<LedgerMetrics>();
        return builder;
    }

    /// <summary>Maps <c>/api/monitoring/ledger</c>.</summary>
    public static void MapLedger(this IEndpointRouteBuilder routes)
    {
        var ledger = routes.MapGroup("/api/monitoring/ledger").WithTags("Ledger").RequireAuthorization(Policies.Admin);

        ledger.MapGet("/", GetLedger)
            .DescribeParameter("start_date", "First UTC day of arrival, or with `verify=true` of the hours to compare.", "2026-03-01")
            .DescribeParameter("end_date", "Last UTC day, inclusive.", "2026-03-31")
            .DescribeParameter("verify", "`true` to verify the hours and the ledger.", "true")
            .DescribeVerification();
        ledger.MapPost("/repair", RepairEndpoint.RepairHours);
    }

    /// <summary>Lists the ledger by UTC hour of arrival, newest first: how many readings arrived, by outcome. Or verifies hours and ledger.</summary>
    /// <remarks>
    /// Without <c>start_date</c> the list covers seven days. With <c>verify=true</c> the response is a stream of server-sent events instead. The
    /// hours of each UTC day are compared with the sums of their raw readings, by default for all days with raw readings. Then the whole ledger
    /// is compared with the rows that it counts. Readings may arrive during a verification.
    /// </remarks>
    /// <param name="startDate">First UTC day of arrival, or with <c>verify=true</c> of the hours to compare.</param>
    /// <param name="endDate">Last UTC day, inclusive.</param>
    /// <param name="verify"><c>true</c> to verify the hours and the ledger.</param>
    public static async Task<Results<ServerSentEventsResult<object>, Ok<List<LedgerHour>>, ValidationProblem>> GetLedger(
        MonitoringDbContext db, Verification verification, TimeProvider time, [FromQuery(Name = "start_date")] string? startDate,
        [FromQuery(Name = "end_date")] string? endDate, string? verify, CancellationToken cancel)
    {
        var parameters = new QueryParameters();
        var (first, last) = parameters.Dates(startDate, endDate);
        var mustVerify = parameters.Flag("verify", verify);
        if (!parameters.AreValid)
            return parameters.Problem;

        return mustVerify
            ? TypedResults.ServerSentEvents(verification.RunAsync(first, last, cancel))
            : TypedResults.Ok(await db.ReadLedgerAsync(first, last, time.GetUtcNow(), cancel));
    }

    private static Task<List<LedgerHour>> ReadLedgerAsync(
        this MonitoringDbContext db, DateOnly? first, DateOnly? last, DateTimeOffset now, CancellationToken cancel)
    {
        var until = last is { } end ? KeptSpan.StartOf(end.AddDays(1)) : now;
        var since = first is { } start ? KeptSpan.StartOf(start) : until.AddDays(-DefaultDays);

        return db.Ledger
            .Where(entry => entry.Hour >= since && entry.Hour < until)
            .GroupBy(entry => entry.Hour)
            .OrderByDescending(hour => hour.Key)
            .Select(hour => new LedgerHour(
                hour.Key,
                hour.Sum(entry => entry.Received),
                hour.Sum(entry => entry.Stored),
                hour.Sum(entry => entry.Duplicates),
                hour.Sum(entry => entry.Quarantined),
                hour.Sum(entry => entry.Received) == hour.Sum(entry => entry.Stored + entry.Duplicates + entry.Quarantined)))
            .ToListAsync(cancel);
    }
}

/// <summary>Counts of the readings that arrived in an hour, by outcome.</summary>
/// <param name="Hour">Hour of arrival in UTC.</param>
/// <param name="Received">Readings that arrived.</param>
/// <param name="Stored">New readings, which are stored.</param>
/// <param name="Duplicates">Readings that were already stored with the same value.</param>
/// <param name="Quarantined">Readings in quarantine.</param>
/// <param name="Balanced">Whether received = stored + duplicates + quarantined.</param>
public sealed record LedgerHour(DateTimeOffset Hour, long Received, long Stored, long Duplicates, long Quarantined, bool Balanced);
