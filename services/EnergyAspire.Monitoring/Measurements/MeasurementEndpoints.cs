using System.Globalization;
using System.Text;
using EnergyAspire.Api.Lists;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Imports;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Measurements;

/// <summary>Raw readings of devices.</summary>
public static class MeasurementEndpoints
{
    private const int FlushAfterCharacters = 32 * 1024;

    /// <summary>Maps <c>/api/monitoring/measurements</c>, the silent devices and the import of readings.</summary>
    public static void MapMeasurements(this IEndpointRouteBuilder routes)
    {
        var measurements = routes.MapGroup("/api/monitoring/measurements").WithTags("Measurements").RequireAuthorization();

        measurements.MapGet("/", GetMeasurements).WithPaging()
            .DescribeQuery("`device_id`, `device_name`, `timestamp`, `timestamp_utc`, `measurement_value_kwh`, `register_value_kwh`, `interval_seconds`")
            .DescribeParameter(
                "device_id", $"Device id; repeat it for at most {AskedDevices.Most} devices. By default all devices that the caller may see. 404 for any other device.",
                "3fa85f64-5717-4562-b3fc-2c963f66afa6")
            .DescribeParameter(
                "start_date",
                "First date `YYYY-MM-DD` in the device's time zone, or an RFC 3339 time; by default from the oldest reading.", "2026-03-29")
            .DescribeParameter(
                "end_date", "Last date, inclusive, or an RFC 3339 time, exclusive; by default to the newest reading.", "2026-03-29");
        routes.MapSilentDevices();
        routes.MapReadingImport();
    }

    /// <summary>
    /// Lists raw readings of one, several or all devices that the caller may see, newest first. CSV without <c>limit</c> contains the whole
    /// period.
    /// </summary>
    /// <param name="deviceId">Device id; 404 for a device that the caller may not see.</param>
    /// <param name="startDate">First date in the device's time zone, or a time; by default from the oldest reading.</param>
    /// <param name="endDate">Last date, inclusive, or a time, exclusive; by default to the newest reading.</param>
    /// <param name="format"><c>json</c> or <c>csv</c>.</param>
    public static async Task<Results<PeriodAnswer<List<Measurement>>, PushStreamHttpResult, ValidationProblem, ProblemHttpResult>> GetMeasurements(
        [AsParameters] PageRequest paging, CurrentUser caller, MonitoringDbContext db, IOptions<IngestOptions> options, TimeProvider time,
        [FromQuery(Name = "device_id")] string[] deviceId, [FromQuery(Name = "start_date")] string? startDate,
        [FromQuery(Name = "end_date")] string? endDate, string? format, CancellationToken cancel)
    {
        if (!AskedDevices.TryRead(deviceId, isRequired: false, out var ids, out var problem))
            return problem;

        var found = ids.Length > 0
            ? await db.FindVisibleAsync(ids, caller, cancel)
            : await db.VisibleDevicesAsync(devices => devices, caller, cancel);
        if (found is null)
            return AskedDevices.Absent;

        if (!paging.TryRead(out var page, out problem))
            return problem;

        var parameters = new QueryParameters();
        var bounds = parameters.Bounds(startDate, endDate);
        parameters.CheckFormat(format);
        var after = page.After is null ? null : PlaceOf(page.After, parameters);
        if (!parameters.AreValid)
            return parameters.Problem;

        var now = time.GetUtcNow();
        var asked = new AskedReadings(found, bounds, now + options.Value.FutureTolerance);
        var devices = found.ToDictionary(
            visible => visible.Device.Id, visible => (visible.Device, Zone: TimeZoneInfo.FindSystemTimeZoneById(visible.Device.TimeZone)));
        var fileName = ids is [var only] ? $"measurements-{only}.csv" : "measurements.csv";
        if (paging is { Limit: null, After: null } && paging.Http.Request.PrefersCsv())
            return Export(db, asked, devices, fileName, paging.Http);

        var stored = await db.NewestAsync(asked, after, page.Take, cancel);
        var rows = page.Cut(stored, row => new PageKey(row.Timestamp.ToString("O", CultureInfo.InvariantCulture), row.DeviceId))
            .ConvertAll(row => Measurement.From(row, devices[row.DeviceId].Zone));

        return new PeriodAnswer<List<Measurement>>(
            rows, rows.Select(row => row.ToCsv(devices[row.DeviceId].Device)).Prepend(Measurement.CsvHeader), fileName,
            (after is { Timestamp: var end } && end < now) || Array.TrueForAll(asked.To, end => end <= now));
    }

    /// <summary>Streams a whole period while it is read, so that memory doesn't grow with its length.</summary>
    private static PushStreamHttpResult Export(
        MonitoringDbContext db, AskedReadings asked, Dictionary<Guid, (DeviceReplica Device, TimeZoneInfo Zone)> devices, string fileName, HttpContext http)
    {
        http.Response.Headers.Vary = "Accept";
        http.Response.Headers.CacheControl = "no-store";

        return TypedResults.Stream(
            async body =>
            {
                await using var writer = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), FlushAfterCharacters);
                await writer.WriteAsync(Measurement.CsvHeader);
                await foreach (var row in db.AllAsync(asked, http.RequestAborted))
                {
                    var (device, zone) = devices[row.DeviceId];
                    await writer.WriteAsync(Measurement.From(row, zone).ToCsv(device));
                }
            },
            Csv.MediaType, fileName);
    }

    private static ReadingPlace? PlaceOf(PageKey key, QueryParameters parameters)
    {
        if (DateTimeOffset.TryParseExact(key.Sort, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && time.UtcDateTime < DateTime.MaxValue.AddDays(-1))
            return new ReadingPlace(time.ToUniversalTime(), key.Id);

        parameters.Refuse("after", PageRequest.NoEnd);
        return null;
    }
}
