using EnergyAspire.Devices.Data;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using EnergyAspire.ServiceDefaults.Versions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Devices;

/// <summary>Reading devices: an admin all, a client theirs.</summary>
public static class DeviceEndpoints
{
    /// <summary>Maps <c>/api/devices</c>.</summary>
    public static RouteGroupBuilder MapDevices(this IEndpointRouteBuilder routes)
    {
        var devices = routes.MapGroup("/api/devices").WithTags("Devices").RequireAuthorization();

        devices.MapGet("/", GetDevices).WithPaging();
        devices.MapGet("/{id:guid}", GetDevice).WithVersion();
        devices.MapAudit<DeviceDbContext>("/audit");

        return devices;
    }

    /// <summary>Lists the devices that the caller may see, by name unless it is asked for otherwise.</summary>
    /// <param name="paging">Which page.</param>
    /// <param name="sort" example="-created_at">
    /// <c>name</c>, <c>created_at</c>, <c>max_consumption</c> or <c>time_zone</c>; with a minus before it from the end.
    /// </param>
    /// <param name="search">Part of the name or the description, in any case.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Devices.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<List<DeviceResponse>>, ValidationProblem>> GetDevices(
        [AsParameters] PageRequest paging, string? sort, string? search, CurrentUser caller, DeviceDbContext db, CancellationToken cancel)
    {
        if (!DeviceQueries.Orders.TryRead(paging, sort, out var page, out var problem))
            return problem;

        var devices = db.Devices.AsNoTracking().VisibleTo(caller, db).Matching(search);

        return TypedResults.Ok((await page.ReadAsync(devices, cancel)).ConvertAll(DeviceResponse.From));
    }

    /// <summary>Returns one device that the caller may see.</summary>
    /// <param name="id">Device id.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Devices.</param>
    /// <param name="response">Answer.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<DeviceResponse>, NotFound>> GetDevice(
        Guid id, CurrentUser caller, DeviceDbContext db, HttpResponse response, CancellationToken cancel)
    {
        // Someone else's device looks absent, so ids can't be probed.
        if (await db.Devices.AsNoTracking().VisibleTo(caller, db).SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
            return TypedResults.NotFound();

        response.SetVersion(device.Version);
        return TypedResults.Ok(DeviceResponse.From(device));
    }
}
