using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Consumption of devices in the hours and days of their sites.</summary>
public static class ConsumptionEndpoints
{
    /// <summary>Maps <c>/api/monitoring/hourly</c>.</summary>
    public static void MapConsumption(this IEndpointRouteBuilder routes)
    {
        var hourly = routes.MapGroup("/api/monitoring/hourly").WithTags("Consumption").RequireAuthorization();

        hourly.MapGet("/daily", GetDay).ProducesValidationProblem();
    }

    /// <summary>Returns a device's consumption hour by hour for a date at its site: 23 to 25 hours, missing ones with a count of 0.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Database.</param>
    /// <param name="time">Clock.</param>
    /// <param name="deviceId">Device id; a device that isn't the caller's looks absent.</param>
    /// <param name="date">Date <c>YYYY-MM-DD</c> in the device's time zone; today there when it is left out.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<DailyConsumption>, ValidationProblem, NotFound>> GetDay(
        CurrentUser caller, MonitoringDbContext db, TimeProvider time,
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "device_id")] string? deviceId, string? date, CancellationToken cancel)
    {
        if (!Guid.TryParse(deviceId, out var id))
            return Invalid("device_id", deviceId is null ? "device_id is required." : "device_id must be a UUID.");

        // Someone else's device looks absent, whatever else is wrong with the request.
        var device = await db.Devices.AsNoTracking().VisibleTo(caller, db).SingleOrDefaultAsync(d => d.Id == id, cancel);
        if (device is null)
            return TypedResults.NotFound();

        var zone = TimeZoneInfo.FindSystemTimeZoneById(device.TimeZone);
        var now = time.GetUtcNow();
        var day = SiteClock.DateAt(now, zone);
        if (date is not null && !DateOnly.TryParseExact(date, "yyyy-MM-dd", out day))
            return Invalid("date", "date must be a date as YYYY-MM-DD.");
        if (day.Year is < 1970 or > 9000)
            return Invalid("date", "date must be between 1970 and 9000.");

        var (start, end) = SiteClock.Day(day, zone);
        var stored = await db.Hours.AsNoTracking()
            .Where(hour => hour.DeviceId == id && hour.HourStart >= start && hour.HourStart < end)
            .ToDictionaryAsync(hour => hour.HourStart, cancel);

        return TypedResults.Ok(DailyConsumption.From(device, day, stored, now));
    }

    private static ValidationProblem Invalid(string field, string message) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [message] });
}
