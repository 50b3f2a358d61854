using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Reading who may see which device.</summary>
public static class MappingEndpoints
{
    /// <summary>Maps <c>/api/mappings</c>.</summary>
    public static RouteGroupBuilder MapMappings(this IEndpointRouteBuilder routes)
    {
        var mappings = routes.MapGroup("/api/mappings").WithTags("Mappings").RequireAuthorization();

        mappings.MapGet("/", GetMappings).WithPaging();
        mappings.MapGet("/user/{userId:guid}/devices", GetDevicesOfUser).WithPaging();

        return mappings;
    }

    /// <summary>Lists mappings, the oldest first: an admin sees all, a client their own.</summary>
    /// <param name="paging">Which page.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Mappings.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<List<MappingResponse>>, ValidationProblem>> GetMappings(
        [AsParameters] PageRequest paging, CurrentUser caller, DeviceDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var mappings = await db.Mappings.AsNoTracking()
            .VisibleTo(caller)
            .PageById(page)
            .Select(MappingResponse.FromMapping(db))
            .ToListAsync(cancel);

        return TypedResults.Ok(page.Cut(mappings, mapping => new PageKey("", mapping.Id)));
    }

    /// <summary>Lists the devices of one user, by name; absent unless the caller is that user or an admin.</summary>
    /// <param name="userId">Account id.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Devices.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<List<DeviceResponse>>, ValidationProblem, NotFound>> GetDevicesOfUser(
        Guid userId, [AsParameters] PageRequest paging, CurrentUser caller, DeviceDbContext db, CancellationToken cancel)
    {
        if (!caller.IsAdmin && caller.Id != userId)
            return TypedResults.NotFound();
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var devices = await db.Devices.AsNoTracking()
            .MappedTo(userId, db)
            .PageByName(page)
            .Select(DeviceResponse.FromDevice)
            .ToListAsync(cancel);

        return TypedResults.Ok(page.Cut(devices, device => new PageKey(device.Name, device.Id)));
    }

    private static IQueryable<Mapping> VisibleTo(this IQueryable<Mapping> mappings, CurrentUser caller)
    {
        var callerId = caller.Id;

        return mappings.Where(mapping => mapping.IsAssigned && (caller.IsAdmin || mapping.UserId == callerId));
    }

    private static IQueryable<Mapping> PageById(this IQueryable<Mapping> mappings, Page page)
    {
        // Ids grow with time.
        if (page.After is { Id: var last })
            mappings = mappings.Where(mapping => mapping.Id > last);

        return mappings.OrderBy(mapping => mapping.Id).Take(page.Take);
    }
}
