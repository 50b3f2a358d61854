using System.Globalization;
using EnergyAspire.Api.Lists;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Data.Lists;
using EnergyAspire.Messaging;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Alerts;

/// <summary>Endpoints that list and acknowledge alerts.</summary>
public static class AlertEndpoints
{
    /// <summary>Publishes alerts as events.</summary>
    public static IHostApplicationBuilder AddAlerts(this IHostApplicationBuilder builder) => builder.AddOutbox<MonitoringDbContext>();

    /// <summary>Maps <c>/api/monitoring/alerts</c>.</summary>
    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        var alerts = routes.MapGroup("/api/monitoring/alerts").WithTags("Alerts").RequireAuthorization();

        alerts.MapGet("/", GetAlerts).WithPaging()
            .DescribeParameter("device_id", "Only alerts of this device.", "3fa85f64-5717-4562-b3fc-2c963f66afa6")
            .DescribeParameter("acknowledged", "`true` for only acknowledged alerts, `false` for only the others.", "false")
            .DescribeParameter("late", "`true` for only late alerts, `false` for only the others. A late alert was raised by readings that arrived long after the hour's end.", "false")
            .DescribeParameter("from", "Only hours that start at or after this time, RFC 3339.", "2026-03-29T00:00:00Z")
            .DescribeParameter("to", "Only hours that start before this time, RFC 3339.", "2026-03-30T00:00:00Z");
        alerts.MapPost("/{id:guid}/acknowledge", Acknowledge).ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>Lists the alerts of the devices that the caller may see, sorted by hour, latest first.</summary>
    /// <remarks>There is at most one alert of each kind for a device and hour, even when readings arrive late.</remarks>
    /// <param name="filter">Filter.</param>
    /// <response code="200">The alerts.</response>
    public static async Task<Results<Ok<List<AlertResponse>>, ValidationProblem>> GetAlerts(
        [AsParameters] PageRequest paging, [AsParameters] AlertFilter filter, CurrentUser caller, MonitoringDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var parameters = new QueryParameters();
        var alerts = filter.Narrow(await db.VisibleAlertsAsync(caller, cancel), parameters);
        var last = page.After is null ? null : PlaceOf(page.After, parameters);
        if (!parameters.AreValid)
            return parameters.Problem;

        var visible = alerts
            .Join(db.Devices, alert => alert.DeviceId, device => device.Id, (alert, device) => new { alert, device });
        var after = last is var (hour, id)
            ? visible.Where(row => row.alert.HourStart <= hour && (row.alert.HourStart < hour || row.alert.Id < id))
            : visible;
        var rows = await after.OrderByDescending(row => row.alert.HourStart).ThenByDescending(row => row.alert.Id).Take(page.Take).ToListAsync(cancel);

        return TypedResults.Ok(await page.CutAsync(
            rows.ConvertAll(row => AlertResponse.From(row.alert, row.device)), KeyOf, visible, cancel));
    }

    private static PageKey KeyOf(AlertResponse alert) =>
        new(alert.HourStart.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), alert.Id);

    /// <summary>Reads the hour and the id that a page begins after. Null, with an error recorded, when the key is not from this list.</summary>
    private static (DateTimeOffset Hour, Guid Id)? PlaceOf(PageKey key, QueryParameters parameters)
    {
        if (long.TryParse(key.Sort, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return (DateTimeOffset.FromUnixTimeSeconds(seconds), key.Id);

        parameters.Refuse("after", PageRequest.NoEnd);
        return null;
    }

    /// <summary>Acknowledges an alert. Idempotent: the first acknowledgement is kept.</summary>
    /// <param name="id">Alert id; 404 for an alert of a device that the caller may not see.</param>
    /// <response code="200">The alert.</response>
    public static async Task<Results<Ok<AlertResponse>, ProblemHttpResult>> Acknowledge(
        Guid id, CurrentUser caller, MonitoringDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var visible = await db.VisibleAlertsAsync(caller, cancel);
        if (!await visible.AnyAsync(alert => alert.Id == id, cancel))
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

        await db.Alerts
            .Where(alert => alert.Id == id && alert.AcknowledgedAt == null)
            .ExecuteUpdateAsync(
                set => set.SetProperty(alert => alert.AcknowledgedAt, time.GetUtcNow()).SetProperty(alert => alert.AcknowledgedBy, caller.Id), cancel);

        var row = await db.Alerts.AsNoTracking()
            .Where(alert => alert.Id == id)
            .Join(db.Devices, alert => alert.DeviceId, device => device.Id, (alert, device) => new { alert, device })
            .SingleAsync(cancel);

        return TypedResults.Ok(AlertResponse.From(row.alert, row.device));
    }

    /// <summary>Alerts of the hours that the caller may see: an admin all, a client those of their own devices while these belonged to them.</summary>
    private static async Task<IQueryable<Alert>> VisibleAlertsAsync(this MonitoringDbContext db, CurrentUser caller, CancellationToken cancel)
    {
        if (caller.IsAdmin)
            return db.Alerts.AsNoTracking();

        var times = (await db.VisibleDevicesAsync(devices => devices, caller, cancel))
            .SelectMany(visible => visible.Times, (visible, span) => (visible.Device.Id, span.From, span.Until)).ToArray();

        return db.Alerts.FromSql($"""
            select alerts.* from alerts
            join unnest({times.Select(span => span.Id).ToArray()}, {times.Select(span => span.From).ToArray()}, {times.Select(span => span.Until).ToArray()})
                as visible (id, since, until)
                on device_id = visible.id and hour_start >= since and hour_start < until
            """).AsNoTracking();
    }
}

/// <summary>Filter of a list of alerts; all fields are optional.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="Acknowledged"><c>true</c> or <c>false</c>.</param>
/// <param name="Late"><c>true</c> or <c>false</c>.</param>
/// <param name="From">Not before this time, RFC 3339.</param>
/// <param name="To">Before this time, RFC 3339.</param>
public sealed record AlertFilter(
    [FromQuery(Name = "device_id")] string? DeviceId, [FromQuery(Name = "acknowledged")] string? Acknowledged,
    [FromQuery(Name = "late")] string? Late, [FromQuery(Name = "from")] string? From, [FromQuery(Name = "to")] string? To)
{
    /// <summary>Applies the filter, and records an error for each value that can't be read.</summary>
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

/// <summary>An hour that exceeded the limit of its device, or was projected to exceed it.</summary>
/// <param name="Id">Alert id; grows with the time it was raised.</param>
/// <param name="DeviceId">Device that consumed.</param>
/// <param name="DeviceName">Its name; the last one when it is deleted.</param>
/// <param name="DeviceDeleted">Whether it is deleted.</param>
/// <param name="TimeZone">IANA zone of its site.</param>
/// <param name="HourStart">When the clock hour starts, with the site's offset.</param>
/// <param name="Kind"><c>exceeded</c> when the hour exceeded the limit; <c>projected</c> when it would at the rate so far.</param>
/// <param name="Energy">Energy of the hour in kWh when the alert was raised; later readings may have added to it.</param>
/// <param name="Projected">Energy in kWh projected for the whole hour; the same as <c>energy</c> when the limit is exceeded.</param>
/// <param name="MaxConsumption">Limit at that time in kWh per clock hour.</param>
/// <param name="RaisedAt">When it was raised.</param>
/// <param name="AcknowledgedAt">When it was acknowledged; null before.</param>
/// <param name="AcknowledgedBy">Account that acknowledged it; null before.</param>
/// <param name="Late">Whether it was raised by late readings, long after the hour's end.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000e1","device_id":"00000000-0000-7000-8000-0000000000d1","device_name":"Heat pump","device_deleted":false,"time_zone":"Europe/Berlin","hour_start":"2026-03-29T18:00:00+02:00","kind":"exceeded","energy":3.1,"projected":3.1,"max_consumption":3.0,"raised_at":"2026-03-29T16:50:01Z","acknowledged_at":null,"acknowledged_by":null,"late":false}</example>
public sealed record AlertResponse(
    Guid Id, Guid DeviceId, string DeviceName, bool DeviceDeleted, string TimeZone, DateTimeOffset HourStart, string Kind,
    decimal Energy, decimal Projected, decimal MaxConsumption, DateTimeOffset RaisedAt, DateTimeOffset? AcknowledgedAt, Guid? AcknowledgedBy, bool Late)
{
    /// <summary>Creates the response, with times in the zone of the device's site.</summary>
    internal static AlertResponse From(Alert alert, DeviceReplica device) => new(
        alert.Id, alert.DeviceId, device.Name, device.IsDeleted, device.TimeZone,
        TimeZoneInfo.ConvertTime(alert.HourStart, TimeZoneInfo.FindSystemTimeZoneById(device.TimeZone)), alert.Kind,
        Hours.Energy.ToKilowattHours(alert.Energy), Hours.Energy.ToKilowattHours(alert.Projected),
        Hours.Energy.ToKilowattHours(alert.LimitEnergy), alert.RaisedAt, alert.AcknowledgedAt, alert.AcknowledgedBy, alert.IsLate);
}
