using System.Globalization;
using EnergyAspire.Api.Lists;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Data.Lists;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Statements;

/// <summary>Statement of a month.</summary>
public static class StatementEndpoints
{
    // Zones are at most so far from UTC.
    private static readonly TimeSpan Earliest = TimeSpan.FromHours(14);
    private static readonly TimeSpan Latest = TimeSpan.FromHours(12);

    private static readonly DateOnly FirstMonth = new(1970, 1, 1);

    private static readonly ListOrders<DeviceReplica> Order = new ListOrders<DeviceReplica>(device => device.Id).By(device => device.Name);

    /// <summary>Maps <c>/api/monitoring/statement</c>.</summary>
    public static void MapStatements(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/monitoring/statement", GetStatement).WithTags("Statements").RequireAuthorization()
            .WithPaging()
            .DescribeQuery(StatementCsv.Columns)
            .DescribeParameter(
                "device_id",
                $"Device id; repeat it for at most {AskedDevices.Most} devices. By default all devices that existed in the month, or have consumption in it, while they were the caller's. 404 for a device that the caller may not see.",
                "3fa85f64-5717-4562-b3fc-2c963f66afa6")
            .DescribeParameter("month", "Month `YYYY-MM` at the sites of the devices. A month that hasn't begun anywhere is refused.", "2026-03", isRequired: true);

    /// <summary>Returns the statement of a month: energy by price, base prices, completeness and meter readings of each device, sorted by name.</summary>
    /// <remarks>
    /// The lines of a device add up to its totals exactly, and these are the ones of <c>GET /api/monitoring/hourly/range</c> by month. Nothing is rounded. The
    /// running month is answered up to now. A page has 100 devices unless <c>limit</c> is given, and <c>totals</c> are those of the page. CSV without
    /// <c>limit</c> has all devices.
    /// </remarks>
    /// <param name="deviceId">Device id; 404 for a device that the caller may not see.</param>
    /// <param name="month">Month <c>YYYY-MM</c>.</param>
    /// <param name="format"><c>json</c> or <c>csv</c>.</param>
    public static async Task<Results<PeriodAnswer<MonthStatement>, ValidationProblem, ProblemHttpResult>> GetStatement(
        [AsParameters] PageRequest paging, CurrentUser caller, MonitoringDbContext db, IOptions<IngestOptions> options, TimeProvider time,
        [FromQuery(Name = "device_id")] string[] deviceId, string? month, string? format, CancellationToken cancel)
    {
        if (!AskedDevices.TryRead(deviceId, isRequired: false, out var asked, out var problem))
            return problem;

        // Checked first, so that another account's device always gets 404, whatever else is wrong with the request.
        var found = asked.Length > 0 ? await db.FindVisibleAsync(asked, caller, cancel) : [];
        if (found is null)
            return AskedDevices.Absent;
        if (!Order.TryRead(paging, sort: null, out var page, out problem))
            return problem;

        var (parameters, now) = (new QueryParameters(), time.GetUtcNow());
        var first = ReadMonth(parameters, month, now);
        parameters.CheckFormat(format);
        if (!parameters.AreValid)
            return parameters.Problem;

        if (asked is [])
            found = await db.WithStatementAsync(await db.VisibleDevicesAsync(devices => devices, caller, cancel), first, now, cancel);
        var ids = found.ConvertAll(visible => visible.Device.Id);
        var rows = db.Devices.AsNoTracking().Where(device => ids.Contains(device.Id));
        var isExport = paging is { Limit: null, After: null } && paging.Http.Request.PrefersCsv();
        var listed = isExport ? await rows.OrderBy(device => device.Name).ThenBy(device => device.Id).ToListAsync(cancel) : await page.ReadAsync(rows, cancel);

        var visible = found.ToDictionary(visible => visible.Device.Id);
        var oldest = new DateTimeOffset(options.Value.OldestDay(now), TimeOnly.MinValue, TimeSpan.Zero);
        var statements = await db.StatementsAsync(listed.ConvertAll(device => visible[device.Id]), first, now, oldest, cancel);
        var isPast = Start(first.AddMonths(1)) + Latest <= now;

        return new PeriodAnswer<MonthStatement>(
            MonthStatement.From(first, statements, isPast), StatementCsv.Lines(statements), $"statement-{first:yyyy-MM}.csv", isPast);
    }

    private static DateOnly ReadMonth(QueryParameters parameters, string? text, DateTimeOffset now)
    {
        parameters.Require("month", text);
        if (!DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) || month < FirstMonth)
            parameters.Refuse("month", "month must be a month as YYYY-MM, from 1970-01.");
        else if (Start(month) - Earliest > now)
            parameters.Refuse("month", "month must not be in the future.");

        return month;
    }

    private static DateTimeOffset Start(DateOnly date) => new(date, TimeOnly.MinValue, TimeSpan.Zero);
}
