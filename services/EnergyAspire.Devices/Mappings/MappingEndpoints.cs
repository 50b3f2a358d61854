using EnergyAspire.Api.Lists;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Data.Lists;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Endpoints that read mappings: who may see which device.</summary>
public static class MappingEndpoints
{
    /// <summary>Maps <c>/api/mappings</c>.</summary>
    public static RouteGroupBuilder MapMappings(this IEndpointRouteBuilder routes)
    {
        var mappings = routes.MapGroup("/api/mappings").WithTags("Mappings").RequireAuthorization();

        mappings.MapGet("/", GetMappings).WithPaging()
            .DescribeParameter(
                "shared_with", "Account id: only mappings of other accounts to devices that it may see too.", "3fa85f64-5717-4562-b3fc-2c963f66afa6");
        mappings.MapGet("/user/{user_id:guid}/devices", GetDevicesOfUser).WithPaging();

        return mappings;
    }

    /// <summary>Lists mappings, oldest first. An admin sees all, a client only their own. By default only devices that are assigned now.</summary>
    /// <param name="userId">Only mappings of this account.</param>
    /// <param name="deviceId">Only mappings of this device.</param>
    /// <param name="sharedWith">Only mappings of other accounts to devices that this account may see too.</param>
    /// <param name="ended"><c>true</c> for only mappings that have ended, to devices that still exist; <c>false</c> for only the others, which is the default.</param>
    /// <param name="search">Part of the username or the device's name, case-insensitive.</param>
    public static async Task<Results<Ok<List<MappingResponse>>, ValidationProblem>> GetMappings(
        [AsParameters] PageRequest paging, [FromQuery(Name = "user_id")] string? userId, [FromQuery(Name = "device_id")] string? deviceId,
        [FromQuery(Name = "shared_with")] string? sharedWith, string? ended, string? search, CurrentUser caller, DeviceDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var (user, device, other) = (
            QueryValues.ReadId("user_id", userId, errors), QueryValues.ReadId("device_id", deviceId, errors), QueryValues.ReadId("shared_with", sharedWith, errors));
        if (ended is not (null or "true" or "false"))
            errors["ended"] = ["ended must be true or false."];
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var mappings = (ended == "true" ? db.Mappings.Ended(db) : db.Mappings.Assigned())
            .AsNoTracking()
            .VisibleTo(caller)
            .Between(user, device)
            .SharedWith(other, db)
            .Matching(search, db);
        var rows = await mappings.PageById(page).Select(MappingResponse.FromMapping(db)).ToListAsync(cancel);

        return TypedResults.Ok(await page.CutAsync(rows, mapping => new PageKey("", mapping.Id), mappings, cancel));
    }

    /// <summary>Lists the devices of one user, sorted by name. 404 unless the caller is that user or an admin.</summary>
    /// <param name="userId">Account id.</param>
    public static async Task<Results<Ok<List<DeviceResponse>>, ValidationProblem, NotFound>> GetDevicesOfUser(
        [FromRoute(Name = "user_id")] Guid userId, [AsParameters] PageRequest paging, CurrentUser caller, DeviceDbContext db, CancellationToken cancel)
    {
        if (!caller.IsAdmin && caller.Id != userId)
            return TypedResults.NotFound();
        if (!DeviceQueries.Orders.TryRead(paging, sort: null, out var page, out var problem))
            return problem;

        var devices = await page.ReadAsync(db.Devices.AsNoTracking().MappedTo(userId, db), cancel);

        return TypedResults.Ok(devices.ConvertAll(DeviceResponse.From));
    }
}
