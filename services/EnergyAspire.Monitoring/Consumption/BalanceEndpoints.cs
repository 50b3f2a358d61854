using System.Globalization;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Consumption, production and feed-in of several devices together.</summary>
public static class BalanceEndpoints
{
    private const string Columns =
        "`time_zone`, then `date`, `hour`, `start`, `start_utc` by hour, `date` by day or `month` by month, then `consumption_kwh`, `production_kwh`, `feed_in_kwh`, `self_consumption_kwh`, `usage_kwh`, `measured_hours`, `incomplete_hours`, `self_consumption_rate`, `self_sufficiency`";

    /// <summary>Maps <c>/api/monitoring/balance</c>.</summary>
    public static void MapBalance(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/monitoring/balance", GetBalance).WithTags("Consumption").RequireAuthorization()
        .DescribeQuery(Columns).DescribeSeveralDevices(AskedDevices.Most, isAnswerRepeated: false)
        .DescribeParameter("start_date", "First date `YYYY-MM-DD` in the devices' time zone, or an RFC 3339 time, as for `/api/monitoring/hourly/range`.", "2026-03-01", isRequired: true)
        .DescribeParameter("end_date", $"Last date, inclusive, or an RFC 3339 time, exclusive. {RangeParameters.Limits}", "2026-03-31", isRequired: true);

    /// <summary>Returns what devices consumed, produced and fed in together, and how much of the production was used at the site.</summary>
    /// <remarks>
    /// The devices are those of one site: the meter at the grid with its feed-in, and the generators; or, without a two-way meter, all consumers and
    /// generators. A consumer behind the meter at the grid would be counted twice.
    /// </remarks>
    /// <param name="deviceId">Device id; repeat it for several devices. All must have the same time zone.</param>
    /// <param name="startDate">First date, or a time.</param>
    /// <param name="endDate">Last date, inclusive, or a time, exclusive.</param>
    /// <param name="granularity" example="day"><c>hour</c> (default), <c>day</c> or <c>month</c>.</param>
    /// <param name="format"><c>json</c> or <c>csv</c>.</param>
    public static async Task<Results<PeriodAnswer<EnergyBalance>, ValidationProblem, ProblemHttpResult>> GetBalance(
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
        if (devices.Select(visible => visible.Device.TimeZone).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList() is [var one, var other, ..])
            parameters.Refuse("device_id", $"The devices of a balance have the same time zone, but these have {one} and {other}.");
        if (RangeParameters.Read(parameters, startDate, endDate, granularity, devices.Count) is not { } range)
            return parameters.Problem;

        var now = time.GetUtcNow();
        var balance = await db.BalanceOfAsync(devices, range.Bounds, range.Granularity, now, cancel);
        var body = EnergyBalance.From(balance);
        var fileName = string.Create(CultureInfo.InvariantCulture, $"balance-{balance.First:yyyy-MM-dd}-{balance.Last:yyyy-MM-dd}.csv");
        var end = SiteClock.Day(balance.Last, TimeZoneInfo.FindSystemTimeZoneById(balance.TimeZone)).End;

        return new PeriodAnswer<EnergyBalance>(body, Lines(body), fileName, end <= now);
    }

    private static IEnumerable<string> Lines(EnergyBalance balance)
    {
        string[] period = balance.Granularity switch
        {
            Granularity.Hour => ["date", "hour", "start", "start_utc"],
            Granularity.Day => ["date"],
            _ => ["month"],
        };
        string[] sums = ["consumption_kwh", "production_kwh", "feed_in_kwh", "self_consumption_kwh", "usage_kwh", "measured_hours", "incomplete_hours", "self_consumption_rate", "self_sufficiency"];

        return balance.Data
            .Select(sum => Csv.Line(
            [
                balance.TimeZone, .. PeriodFields(sum), Text(sum.Consumption), Text(sum.Production), Text(sum.FeedIn), Text(sum.SelfConsumption), Text(sum.Usage),
                Text(sum.MeasuredHours), Text(sum.IncompleteHours), Text(sum.SelfConsumptionRate), Text(sum.SelfSufficiency),
            ]))
            .Prepend(Csv.Line(["time_zone", .. period, .. sums]));

        static string[] PeriodFields(BalanceSums sum) => sum switch
        {
            { Start: { } start } => [Text(sum.Date), Text(sum.Hour), Csv.Time(start), Csv.Utc(start)],
            { Date: { } date } => [Text(date)],
            _ => [sum.Month!],
        };

        static string Text(IFormattable? value) => value?.ToString(value is DateOnly ? "yyyy-MM-dd" : null, CultureInfo.InvariantCulture) ?? "";
    }
}
