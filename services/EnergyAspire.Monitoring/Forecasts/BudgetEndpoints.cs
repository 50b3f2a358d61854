using System.Text.Json.Serialization;
using EnergyAspire.Api.Lists;
using EnergyAspire.Data.Lists;
using EnergyAspire.Monitoring.Budgets;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Forecasts;

/// <summary>Monthly budgets. Each account has its own and sees no others.</summary>
public static class BudgetEndpoints
{
    /// <summary>Maps <c>/api/monitoring/budgets</c>.</summary>
    public static void MapBudgets(this IEndpointRouteBuilder routes)
    {
        var budgets = routes.MapGroup("/api/monitoring/budgets").WithTags("Forecasts").RequireAuthorization();

        budgets.MapGet("/", GetBudgets).WithPaging();
        budgets.MapGet("/{device_id:guid}", GetBudget).ProducesProblem(StatusCodes.Status404NotFound);
        budgets.MapPut("/{device_id:guid}", SetBudget).ProducesProblem(StatusCodes.Status404NotFound);
        budgets.MapDelete("/{device_id:guid}", DeleteBudget).ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>Lists the caller's budgets of devices that are the caller's now, sorted by device id. <c>GET /api/monitoring/forecast</c> has their states.</summary>
    /// <response code="200">The budgets.</response>
    public static async Task<Results<Ok<List<DeviceBudget>>, ValidationProblem>> GetBudgets(
        [AsParameters] PageRequest paging, CurrentUser caller, MonitoringDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var (callerId, devices) = (caller.Id, db.Devices.Where(device => !device.IsDeleted).VisibleTo(caller, db, withEnded: false));
        var budgets = db.Budgets.AsNoTracking().Where(budget => budget.UserId == callerId && devices.Any(device => device.Id == budget.DeviceId));
        var after = page.After?.Id ?? Guid.Empty;
        var rows = await budgets.Where(budget => budget.DeviceId > after).OrderBy(budget => budget.DeviceId).Take(page.Take).ToListAsync(cancel);

        return TypedResults.Ok(await page.CutAsync(rows.ConvertAll(DeviceBudget.From), budget => new PageKey("", budget.DeviceId), budgets, cancel));
    }

    /// <summary>Returns the caller's budget of a device.</summary>
    /// <param name="deviceId">Device id.</param>
    /// <response code="200">The budget.</response>
    /// <response code="404">The caller has set no budget for the device, or may not see it.</response>
    public static async Task<Results<Ok<DeviceBudget>, ProblemHttpResult>> GetBudget(
        [FromRoute(Name = "device_id")] Guid deviceId, CurrentUser caller, MonitoringDbContext db, CancellationToken cancel)
    {
        var callerId = caller.Id;
        return await db.FindVisibleAsync([deviceId], caller, cancel) is not null
            && await db.Budgets.AsNoTracking().SingleOrDefaultAsync(budget => budget.UserId == callerId && budget.DeviceId == deviceId, cancel) is { } found
            ? TypedResults.Ok(DeviceBudget.From(found))
            : AskedDevices.Absent;
    }

    /// <summary>Sets the caller's budget for each calendar month of a device, in kWh or in money. It replaces the one before.</summary>
    /// <param name="deviceId">Device id.</param>
    /// <param name="request" example='{"kwh":250}'>Either <c>kwh</c> or <c>cost</c>.</param>
    /// <response code="200">The budget.</response>
    /// <response code="404">There is no such device, or the caller may not see it.</response>
    public static async Task<Results<Ok<DeviceBudget>, ValidationProblem, ProblemHttpResult>> SetBudget(
        [FromRoute(Name = "device_id")] Guid deviceId, BudgetRequest request, CurrentUser caller, MonitoringDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (await db.FindVisibleAsync([deviceId], caller, cancel) is null)
            return AskedDevices.Absent;
        if (request.Problem is { } problem)
            return problem;

        var now = time.GetUtcNow();
        await db.Database.ExecuteSqlAsync($"""
            insert into budgets (user_id, device_id, kwh, cost, updated_at) values ({caller.Id}, {deviceId}, {request.Kwh}, {request.Cost}, {now})
            on conflict (user_id, device_id) do update set kwh = excluded.kwh, cost = excluded.cost, updated_at = excluded.updated_at
            """, cancel);

        return TypedResults.Ok(new DeviceBudget(deviceId, request.Kwh, request.Cost, now));
    }

    /// <summary>Removes the caller's budget of a device. Idempotent.</summary>
    /// <param name="deviceId">Device id.</param>
    /// <response code="204">There is no budget.</response>
    /// <response code="404">There is no such device, or the caller may not see it.</response>
    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteBudget(
        [FromRoute(Name = "device_id")] Guid deviceId, CurrentUser caller, MonitoringDbContext db, CancellationToken cancel)
    {
        if (await db.FindVisibleAsync([deviceId], caller, cancel) is null)
            return AskedDevices.Absent;

        var callerId = caller.Id;
        await db.Budgets.Where(budget => budget.UserId == callerId && budget.DeviceId == deviceId).ExecuteDeleteAsync(cancel);

        return TypedResults.NoContent();
    }
}

/// <summary>A budget to set: either <c>kwh</c> or <c>cost</c>. Unknown fields are rejected.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record BudgetRequest
{
    private const decimal Most = 1_000_000_000;
    private const int Decimals = 6;

    /// <summary>kWh for each month, more than 0 and at most 1,000,000,000, with at most six decimals.</summary>
    public decimal? Kwh { get; init; }

    /// <summary>Cost of each month in the currency of the prices, more than 0 and at most 1,000,000,000, with at most six decimals.</summary>
    public decimal? Cost { get; init; }

    [JsonIgnore]
    internal ValidationProblem? Problem =>
        Kwh is null == Cost is null ? Refusal("kwh", "Set either kwh or cost.")
        : !IsBudget(Kwh) ? Refusal("kwh", Rule)
        : !IsBudget(Cost) ? Refusal("cost", Rule)
        : null;

    private static string Rule => "A budget must be more than 0 and at most 1,000,000,000, with at most six decimals.";

    private static bool IsBudget(decimal? value) => value is null or (> 0 and <= Most) && (value is not { } number || decimal.Round(number, Decimals) == number);

    private static ValidationProblem Refusal(string field, string message) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });
}

/// <summary>The caller's budget for each calendar month of a device.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="Kwh">kWh for each month; null for a budget in money.</param>
/// <param name="Cost">Cost of each month; null for a budget in kWh.</param>
/// <param name="UpdatedAt">When it was set or changed last.</param>
/// <example>{"device_id":"00000000-0000-7000-8000-0000000000d1","kwh":250,"cost":null,"updated_at":"2026-03-01T09:00:00Z"}</example>
public sealed record DeviceBudget(Guid DeviceId, decimal? Kwh, decimal? Cost, DateTimeOffset UpdatedAt)
{
    internal static DeviceBudget From(Budget budget) => new(budget.DeviceId, budget.Kwh, budget.Cost, budget.UpdatedAt);
}
