using EnergyAspire.Api.Lists;
using EnergyAspire.Api.Versions;
using EnergyAspire.Data.Audit;
using EnergyAspire.Devices.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Devices;

/// <summary>Endpoints that read devices. An admin sees all, a client only their own.</summary>
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

    /// <summary>Lists the devices that the caller may see, by default sorted by name.</summary>
    /// <param name="sort" example="-created_at">
    /// <c>name</c>, <c>created_at</c>, <c>max_consumption</c>, <c>price</c> (devices without a price first) or <c>time_zone</c>; a leading minus
    /// reverses the order.
    /// </param>
    /// <param name="search">Part of the name, the description or the external id, case-insensitive.</param>
    /// <param name="feedInOf">Id of a device with a two-way meter, to find its feed-in.</param>
    public static async Task<Results<Ok<List<DeviceResponse>>, ValidationProblem>> GetDevices(
        [AsParameters] PageRequest paging, string? sort, string? search, [FromQuery(Name = "feed_in_of")] string? feedInOf, CurrentUser caller,
        DeviceDbContext db, CancellationToken cancel)
    {
        if (!DeviceQueries.Orders.TryRead(paging, sort, out var page, out var problem))
            return problem;

        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var twoWay = QueryValues.ReadId("feed_in_of", feedInOf, errors);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var devices = db.Devices.AsNoTracking().VisibleTo(caller, db).Matching(search).Where(device => twoWay == null || device.FeedInOf == twoWay);

        return TypedResults.Ok((await page.ReadAsync(devices, cancel)).ConvertAll(DeviceResponse.From));
    }

    /// <summary>Returns one device that the caller may see.</summary>
    /// <param name="id">Device id.</param>
    public static async Task<Results<Ok<DeviceResponse>, NotFound>> GetDevice(
        Guid id, CurrentUser caller, DeviceDbContext db, HttpResponse response, CancellationToken cancel)
    {
        // 404 for devices of others too, so that ids can't be probed.
        if (await db.Devices.AsNoTracking().VisibleTo(caller, db).SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
            return TypedResults.NotFound();

        response.SetVersion(device.Version);
        return TypedResults.Ok(DeviceResponse.From(device));
    }
}
