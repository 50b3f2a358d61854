using EnergyAspire.Api.OpenApi;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Forecasts;

/// <summary>Forecast of the running month.</summary>
public static class ForecastEndpoints
{
    /// <summary>Maps <c>/api/monitoring/forecast</c> and <c>/api/monitoring/budgets</c>.</summary>
    public static void MapForecasts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/monitoring/forecast", GetForecast).WithTags("Forecasts").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .DescribeParameter("device_id", "Device id; 404 for a device that the caller may not see.", "3fa85f64-5717-4562-b3fc-2c963f66afa6", isRequired: true);
        routes.MapBudgets();
    }

    /// <summary>Returns the expected consumption and cost of a device in the running month of its site.</summary>
    /// <remarks>
    /// The forecast adds to what was measured the device's own weekly profile for the hours that aren't completely measured. It is made of hours that the
    /// caller may see. <c>accuracy</c> compares the forecasts of the last months, made on each of their days from what was known then, with what came.
    /// </remarks>
    /// <param name="deviceId">Device id.</param>
    /// <response code="200">The forecast, or why there is none.</response>
    public static async Task<Results<Ok<ConsumptionForecast>, ValidationProblem, ProblemHttpResult>> GetForecast(
        CurrentUser caller, MonitoringDbContext db, TimeProvider time, [FromQuery(Name = "device_id")] string[] deviceId, CancellationToken cancel)
    {
        var parameters = new QueryParameters();
        parameters.Require("device_id", deviceId.FirstOrDefault());
        if (deviceId.Length > 1)
            parameters.Refuse("device_id", "device_id may be given once.");
        var asked = parameters.Id("device_id", deviceId.FirstOrDefault());
        if (!parameters.AreValid)
            return parameters.Problem;
        if (await db.FindVisibleAsync([asked!.Value], caller, cancel) is not [var visible])
            return AskedDevices.Absent;

        var callerId = caller.Id;
        var budget = await db.Budgets.AsNoTracking().SingleOrDefaultAsync(budget => budget.UserId == callerId && budget.DeviceId == asked, cancel);

        return TypedResults.Ok(ConsumptionForecast.From(await db.ForecastAsync(visible, time.GetUtcNow(), cancel), budget));
    }
}
