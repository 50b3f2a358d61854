using EnergyAspire.Api.OpenApi;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Consumption of devices in the hours, days and months of their sites.</summary>
public static class ConsumptionEndpoints
{
    /// <summary>Maps <c>/api/monitoring/hourly</c>.</summary>
    public static void MapConsumption(this IEndpointRouteBuilder routes)
    {
        var hourly = routes.MapGroup("/api/monitoring/hourly").WithTags("Consumption").RequireAuthorization();

        hourly.MapGet("/daily", GetDay).DescribeQuery(ConsumptionCsv.Columns).DescribeSeveralDevices(AskedDevices.Most);
        hourly.MapGet("/range", GetRange).DescribeQuery(ConsumptionCsv.Columns).DescribeSeveralDevices(AskedDevices.Most)
            .DescribeParameter("start_date", "First date `YYYY-MM-DD` in the device's time zone, or an RFC 3339 time. A time means, by hour, the first hour that starts at that time or later; by day or month, its date.", "2026-03-01", isRequired: true)
            .DescribeParameter("end_date", $"Last date, inclusive, or an RFC 3339 time, exclusive. A time means, by hour, the last hour that starts before it; by day or month, the date of the instant before it. {RangeParameters.Limits}", "2026-03-31", isRequired: true);
    }

    /// <summary>Returns a device's consumption by hour for a date at its site: 23 to 25 hours. Hours without readings have a count of 0.</summary>
    /// <param name="deviceId">Device id; repeat it for several devices. 404 for a device that the caller may not see.</param>
    /// <param name="date" example="2026-03-29">Date <c>YYYY-MM-DD</c> in the device's time zone; by default the current date there.</param>
    /// <param name="format"><c>json</c> or <c>csv</c>.</param>
    public static async Task<Results<PeriodAnswer<DailyConsumption>, ValidationProblem, ProblemHttpResult>> GetDay(
        CurrentUser caller, MonitoringDbContext db, TimeProvider time, [FromQuery(Name = "device_id")] string[] deviceId, string? date,
        string? format, CancellationToken cancel)
    {
        if (!AskedDevices.TryRead(deviceId, isRequired: true, out var ids, out var problem))
            return problem;

        // Checked first, so that another account's device always gets 404, whatever else is wrong with the request.
        if (await db.FindVisibleAsync(ids, caller, cancel) is not { } devices)
            return AskedDevices.Absent;

        var parameters = new QueryParameters();
        var asked = parameters.Date("date", date);
        parameters.CheckFormat(format);
        if (!parameters.AreValid)
            return parameters.Problem;

        var now = time.GetUtcNow();
        var days = await db.ConsumptionOfAsync(devices, DateAt, Granularity.Hour, now, cancel);

        return Answer(deviceId, days, DailyConsumption.From, Granularity.Hour, now);

        QueryBounds DateAt(TimeZoneInfo zone)
        {
            var day = new QueryBound(asked ?? SiteClock.DateAt(now, zone), Time: null);
            return new QueryBounds(day, day);
        }
    }

    /// <summary>Returns a device's consumption by hour, day or month for dates at its site. Periods without readings have a count of 0.</summary>
    /// <param name="deviceId">Device id; repeat it for several devices. 404 for a device that the caller may not see.</param>
    /// <param name="startDate">First date <c>YYYY-MM-DD</c> in the device's time zone, or a time.</param>
    /// <param name="endDate">Last date, inclusive, or a time, exclusive.</param>
    /// <param name="format"><c>json</c> or <c>csv</c>.</param>
    /// <param name="granularity" example="day"><c>hour</c> (default), <c>day</c> or <c>month</c>.</param>
    public static async Task<Results<PeriodAnswer<RangeConsumption>, ValidationProblem, ProblemHttpResult>> GetRange(
        CurrentUser caller, MonitoringDbContext db, TimeProvider time, [FromQuery(Name = "device_id")] string[] deviceId,
        [FromQuery(Name = "start_date")] string? startDate, [FromQuery(Name = "end_date")] string? endDate, string? granularity,
        string? format, CancellationToken cancel)
    {
        if (!AskedDevices.TryRead(deviceId, isRequired: true, out var ids, out var problem))
            return problem;

        if (await db.FindVisibleAsync(ids, caller, cancel) is not { } devices)
            return AskedDevices.Absent;

        var parameters = new QueryParameters();
        parameters.CheckFormat(format);
        if (RangeParameters.Read(parameters, startDate, endDate, granularity, devices.Count) is not { } range)
            return parameters.Problem;

        var now = time.GetUtcNow();
        var ranges = await db.ConsumptionOfAsync(devices, _ => range.Bounds, range.Granularity, now, cancel);

        return Answer(deviceId, ranges, RangeConsumption.From, range.Granularity, now);
    }

    /// <summary>Answers with an object when one device was asked for, with an array when <c>device_id</c> was repeated.</summary>
    private static PeriodAnswer<T> Answer<T>(
        string[] asked, List<DeviceConsumption> devices, Func<DeviceConsumption, T> show, Granularity granularity, DateTimeOffset now)
        where T : class
    {
        object body = asked.Length == 1 ? show(devices[0]) : devices.ConvertAll(device => show(device));
        var (first, last) = (devices.Min(device => device.First), devices.Max(device => device.Last));
        var fileName = first == last ? $"consumption-{first:yyyy-MM-dd}.csv" : $"consumption-{first:yyyy-MM-dd}-{last:yyyy-MM-dd}.csv";

        return new PeriodAnswer<T>(body, ConsumptionCsv.Lines(devices, granularity), fileName, devices.TrueForAll(device => device.IsPast(now)));
    }
}
