using EnergyAspire.Messaging;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Alerts;

/// <summary>Hours over the limit of their device.</summary>
public static class AlertEndpoints
{
    /// <summary>Publishes alerts as events.</summary>
    public static IHostApplicationBuilder AddAlerts(this IHostApplicationBuilder builder)
    {
        if (!OpenApiExtensions.IsGeneratingDocuments)
            builder.AddOutbox<MonitoringDbContext>();

        return builder;
    }

    /// <summary>Maps <c>/api/monitoring/alerts</c>.</summary>
    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        var alerts = routes.MapGroup("/api/monitoring/alerts").WithTags("Alerts").RequireAuthorization();

        alerts.MapGet("/", GetAlerts).WithPaging()
            .DescribeParameter("device_id", "Only this device's.", "3fa85f64-5717-4562-b3fc-2c963f66afa6")
            .DescribeParameter("acknowledged", "Only those that somebody took note of, or only the others.", "false")
            .DescribeParameter("late", "Only those that late readings raised, of hours that were long over, or only the others.", "false")
            .DescribeParameter("from", "Only hours that start at or after this time, RFC 3339.", "2026-03-29T00:00:00Z")
            .DescribeParameter("to", "Only hours that start before this time.", "2026-03-30T00:00:00Z");
        alerts.MapPost("/{id:guid}/acknowledge", Acknowledge).ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>Lists alerts of the devices that the caller may see, the newest first: an admin all, a client those of theirs.</summary>
    /// <remarks>There is one alert of each kind for a device and hour, ever, however late its readings come.</remarks>
    /// <param name="paging">Which page.</param>
    /// <param name="filter">What the list is narrowed to.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Database.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <response code="200">The alerts.</response>
    public static async Task<Results<Ok<List<AlertResponse>>, ValidationProblem>> GetAlerts(
        [AsParameters] PageRequest paging, [AsParameters] AlertFilter filter, CurrentUser caller, MonitoringDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var parameters = new QueryParameters();
        var alerts = filter.Narrow(db.Alerts.AsNoTracking(), parameters);
        if (!parameters.AreValid)
            return parameters.Problem;

        var visible = alerts
            .Join(db.Devices.VisibleTo(caller, db), alert => alert.DeviceId, device => device.Id, (alert, device) => new { alert, device.TimeZone });
        var after = page.After is { Id: var last } ? visible.Where(row => row.alert.Id < last) : visible;
        var rows = await after.OrderByDescending(row => row.alert.Id).Take(page.Take).ToListAsync(cancel);

        return TypedResults.Ok(await page.CutAsync(
            rows.ConvertAll(row => AlertResponse.From(row.alert, row.TimeZone)), alert => new PageKey("", alert.Id), visible, cancel));
    }

    /// <summary>Takes note of an alert. Who did it first stays; again changes nothing.</summary>
    /// <param name="id">Alert id; an alert of a device that isn't the caller's looks absent.</param>
    /// <param name="caller">Who takes note.</param>
    /// <param name="db">Database.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <response code="200">The alert.</response>
    public static async Task<Results<Ok<AlertResponse>, ProblemHttpResult>> Acknowledge(
        Guid id, CurrentUser caller, MonitoringDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var visible = db.Devices.VisibleTo(caller, db);
        await db.Alerts
            .Where(alert => alert.Id == id && alert.AcknowledgedAt == null && visible.Any(device => device.Id == alert.DeviceId))
            .ExecuteUpdateAsync(
                set => set.SetProperty(alert => alert.AcknowledgedAt, time.GetUtcNow()).SetProperty(alert => alert.AcknowledgedBy, caller.Id), cancel);

        var row = await db.Alerts.AsNoTracking()
            .Where(alert => alert.Id == id)
            .Join(visible, alert => alert.DeviceId, device => device.Id, (alert, device) => new { alert, device.TimeZone })
            .SingleOrDefaultAsync(cancel);

        return row is null ? TypedResults.Problem(statusCode: StatusCodes.Status404NotFound) : TypedResults.Ok(AlertResponse.From(row.alert, row.TimeZone));
    }
}

/// <summary>What a list of alerts is narrowed to; everything is optional.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="Acknowledged"><c>true</c> or <c>false</c>.</param>
/// <param name="Late"><c>true</c> or <c>false</c>.</param>
/// <param name="From">Not before this time, RFC 3339.</param>
/// <param name="To">Before this time, RFC 3339.</param>
public sealed record AlertFilter(
    [FromQuery(Name = "device_id")] string? DeviceId, [FromQuery(Name = "acknowledged")] string? Acknowledged,
    [FromQuery(Name = "late")] string? Late, [FromQuery(Name = "from")] string? From, [FromQuery(Name = "to")] string? To)
{
    /// <summary>Narrows alerts, and says what of the filter can't be read.</summary>
    internal IQueryable<Alert> Narrow(IQueryable<Alert> alerts, QueryParameters parameters)
    {
        if (parameters.Id("device_id", DeviceId) is { } device)
            alerts = alerts.Where(alert => alert.DeviceId == device);
        if (parameters.Time("from", From) is { } from)
            alerts = alerts.Where(alert => alert.HourStart >= from);
        if (parameters.Time("to", To) is { } to)
            alerts = alerts.Where(alert => alert.HourStart < to);

        var (acknowledged, late) = (parameters.Flag("acknowledged", Acknowledged), parameters.Flag("late", Late));
        if (Acknowledged is not null)
            alerts = alerts.Where(alert => alert.AcknowledgedAt != null == acknowledged);

        return Late is null ? alerts : alerts.Where(alert => alert.IsLate == late);
    }
}

/// <summary>An hour over the limit of its device, or on the way there.</summary>
/// <param name="Id">Alert id; grows with the time it was raised.</param>
/// <param name="DeviceId">Device that consumed.</param>
/// <param name="HourStart">When the clock hour starts, with the site's offset.</param>
/// <param name="Kind"><c>exceeded</c> when the hour passed the limit; <c>projected</c> when it would if it went on as so far.</param>
/// <param name="Energy">What was counted when it was raised, in kWh; later readings may have added to it.</param>
/// <param name="Projected">What the whole hour would come to, in kWh; the same as <paramref name="Energy"/> when the limit is passed.</param>
/// <param name="MaxConsumption">Limit at that time in kWh per clock hour.</param>
/// <param name="RaisedAt">When it was raised.</param>
/// <param name="AcknowledgedAt">When somebody took note; null before.</param>
/// <param name="AcknowledgedBy">Account that took note; null before.</param>
/// <param name="Late">Whether late readings raised it, after the hour had long been over; it tells of the past and not of now.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000e1","device_id":"00000000-0000-7000-8000-0000000000d1","hour_start":"2026-03-29T18:00:00+02:00","kind":"exceeded","energy":3.1,"projected":3.1,"max_consumption":3.0,"raised_at":"2026-03-29T16:50:01Z","acknowledged_at":null,"acknowledged_by":null,"late":false}</example>
public sealed record AlertResponse(
    Guid Id, Guid DeviceId, DateTimeOffset HourStart, string Kind, decimal Energy, decimal Projected, decimal MaxConsumption,
    DateTimeOffset RaisedAt, DateTimeOffset? AcknowledgedAt, Guid? AcknowledgedBy, bool Late)
{
    /// <summary>Shows an alert in the zone of its device's site.</summary>
    internal static AlertResponse From(Alert alert, TimeZoneInfo zone) => new(
        alert.Id, alert.DeviceId, TimeZoneInfo.ConvertTime(alert.HourStart, zone), alert.Kind,
        Consumption.Energy.ToKilowattHours(alert.Energy), Consumption.Energy.ToKilowattHours(alert.Projected),
        Consumption.Energy.ToKilowattHours(alert.LimitEnergy), alert.RaisedAt, alert.AcknowledgedAt, alert.AcknowledgedBy, alert.IsLate);

    internal static AlertResponse From(Alert alert, string zone) => From(alert, TimeZoneInfo.FindSystemTimeZoneById(zone));
}
