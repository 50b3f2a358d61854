using System.Globalization;
using System.Text;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EnergyAspire.Monitoring.Measurements;

/// <summary>Raw readings of devices.</summary>
public static class MeasurementEndpoints
{
    private const int FlushAfterCharacters = 32 * 1024;

    private const long LongestGuess = 400 * 86_400;

    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch.AddDays(-1);
    private static readonly DateTimeOffset Latest = new(9001, 1, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Maps <c>/api/monitoring/measurements</c>.</summary>
    public static void MapMeasurements(this IEndpointRouteBuilder routes)
    {
        var measurements = routes.MapGroup("/api/monitoring/measurements").WithTags("Measurements").RequireAuthorization();

        measurements.MapGet("/", GetMeasurements).WithPaging().DescribeQuery()
            .DescribeParameter(
                "start_date", "First date `YYYY-MM-DD` in the device's time zone; as far back as readings are kept when it is left out.", "2026-03-29")
            .DescribeParameter("end_date", "Last date, part of the period; until now when it is left out.", "2026-03-29");
    }

    /// <summary>Lists a device's raw readings, newest first, as long as they are kept. CSV without <c>limit</c> has all of the period.</summary>
    /// <param name="paging">Which page.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Database.</param>
    /// <param name="time">Clock.</param>
    /// <param name="deviceId">Device id; a device that isn't the caller's looks absent.</param>
    /// <param name="startDate">First date in the device's time zone; as far back as readings are kept when it is left out.</param>
    /// <param name="endDate">Last date, part of the period; until now when it is left out.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<PeriodAnswer<List<Measurement>>, PushStreamHttpResult, ValidationProblem, ProblemHttpResult>> GetMeasurements(
        [AsParameters] PageRequest paging, CurrentUser caller, MonitoringDbContext db, TimeProvider time,
        [FromQuery(Name = "device_id")] string[] deviceId, [FromQuery(Name = "start_date")] string? startDate,
        [FromQuery(Name = "end_date")] string? endDate, CancellationToken cancel)
    {
        if (!AskedDevices.TryRead(deviceId, most: 1, out var ids, out var problem))
            return problem;

        if (await db.FindVisibleAsync(ids, caller, cancel) is not [var device])
            return AskedDevices.Absent;

        if (!paging.TryRead(out var page, out problem))
            return problem;

        var parameters = new QueryParameters();
        var (first, last) = parameters.Dates(startDate, endDate);
        var after = page.After is null ? null : TimeOf(page.After, parameters);
        if (!parameters.AreValid)
            return parameters.Problem;

        var zone = TimeZoneInfo.FindSystemTimeZoneById(device.TimeZone);
        var from = first is { } start ? SiteClock.Day(start, zone).Start : Earliest;
        var to = last is { } end ? SiteClock.Day(end, zone).End : Latest;
        to = after < to ? after.Value : to;

        if (paging is { Limit: null, After: null } && paging.Http.Request.PrefersCsv())
            return Export(db, device, zone, from, to, paging.Http);

        var now = time.GetUtcNow();
        var stored = await db.NewestAsync(device.Id, from, to, LikelySince(device, to < now ? to : now, page.Take), page.Take, cancel);
        var rows = page.Cut(stored, row => new PageKey(row.Timestamp.ToString("O", CultureInfo.InvariantCulture), device.Id))
            .ConvertAll(row => Measurement.From(row, device, zone));

        return new PeriodAnswer<List<Measurement>>(rows, rows.Select(row => row.ToCsv(device)).Prepend(Measurement.CsvHeader), to <= now);
    }

    /// <summary>Sends a whole period as it is read, however long it is.</summary>
    private static PushStreamHttpResult Export(
        MonitoringDbContext db, DeviceReplica device, TimeZoneInfo zone, DateTimeOffset from, DateTimeOffset to, HttpContext http)
    {
        http.Response.Headers.Vary = "Accept";
        http.Response.Headers.CacheControl = "no-store";

        return TypedResults.Stream(
            async body =>
            {
                await using var writer = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), FlushAfterCharacters);
                await writer.WriteAsync(Measurement.CsvHeader);
                await foreach (var row in db.AllAsync(device.Id, from, to).WithCancellation(http.RequestAborted))
                    await writer.WriteAsync(Measurement.From(row, device, zone).ToCsv(device));
            },
            Csv.MediaType);
    }

    /// <summary>Since when a device that misses less than half of its readings has sent this many.</summary>
    private static DateTimeOffset LikelySince(DeviceReplica device, DateTimeOffset until, int readings)
    {
        var seconds = long.Min(2L * readings * device.ReportingIntervalSeconds, LongestGuess);
        return until <= Earliest ? until : until.AddSeconds(-seconds).AddDays(-1);
    }

    private static DateTimeOffset? TimeOf(PageKey key, QueryParameters parameters)
    {
        if (DateTimeOffset.TryParseExact(key.Sort, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time.ToUniversalTime();

        parameters.Refuse("after", "Not the end of a page; follow the Link header.");
        return null;
    }
}
