using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Reading who may see which device.</summary>
public static class MappingEndpoints
{
    /// <summary>Maps <c>/api/mappings</c>.</summary>
    public static RouteGroupBuilder MapMappings(this IEndpointRouteBuilder routes)
    {
        var mappings = routes.MapGroup("/api/mappings").WithTags("Mappings").RequireAuthorization();

        mappings.MapGet("/", GetMappings).WithPaging()
            .DescribeParameter(
                "shared_with", "Account id: only mappings of others, to devices that this account may see too.", "3fa85f64-5717-4562-b3fc-2c963f66afa6");
        mappings.MapGet("/user/{user_id:guid}/devices", GetDevicesOfUser).WithPaging();

        return mappings;
    }

    /// <summary>Lists mappings, the oldest first: an admin sees all, a client their own.</summary>
    /// <param name="paging">Which page.</param>
    /// <param name="userId">Only mappings of this account.</param>
    /// <param name="deviceId">Only mappings of this device.</param>
    /// <param name="sharedWith">Only mappings of others, to devices that this account may see too.</param>
    /// <param name="search">Part of the username or the device's name, in any case.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Mappings.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<List<MappingResponse>>, ValidationProblem>> GetMappings(
        [AsParameters] PageRequest paging, [FromQuery(Name = "user_id")] string? userId, [FromQuery(Name = "device_id")] string? deviceId,
        [FromQuery(Name = "shared_with")] string? sharedWith, string? search, CurrentUser caller, DeviceDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var (user, device, other) = (
            QueryValues.ReadId("user_id", userId, errors), QueryValues.ReadId("device_id", deviceId, errors), QueryValues.ReadId("shared_with", sharedWith, errors));
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var mappings = db.Mappings.AsNoTracking()
            .VisibleTo(caller)
            .Between(user, device)
            .SharedWith(other, db)
            .Matching(search, db);
        var rows = await mappings.PageById(page).Select(MappingResponse.FromMapping(db)).ToListAsync(cancel);

        return TypedResults.Ok(await page.CutAsync(rows, mapping => new PageKey("", mapping.Id), mappings, cancel));
    }

    /// <summary>Lists the devices of one user, by name; absent unless the caller is that user or an admin.</summary>
    /// <param name="userId">Account id.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Devices.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
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
