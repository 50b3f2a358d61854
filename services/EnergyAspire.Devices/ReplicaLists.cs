using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices;

/// <summary>A device as copies show it.</summary>
internal sealed record DeviceSource(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds, long Version);

/// <summary>A mapping as copies show it.</summary>
internal sealed record MappingSource(Guid UserId, Guid DeviceId, long Version);

/// <summary>What other services rebuild their copies from.</summary>
public static class ReplicaLists
{
    /// <summary>Maps <c>/internal/devices</c> and <c>/internal/mappings</c>.</summary>
    public static void MapReplicaLists(this IEndpointRouteBuilder routes)
    {
        var lists = routes.MapGroup("/internal").ExcludeFromDescription().RequireAuthorization(Policies.Replica);

        lists.MapGet("/devices", GetDevices);
        lists.MapGet("/mappings", GetMappings);
    }

    private static async Task<Results<Ok<List<DeviceSource>>, ValidationProblem>> GetDevices(
        [AsParameters] PageRequest paging, DeviceDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var devices = db.Devices.AsNoTracking();
        if (page.After is { Id: var last })
            devices = devices.Where(device => device.Id > last);
        var rows = await devices.OrderBy(device => device.Id).Take(page.Take)
            .Select(device => new DeviceSource(
                device.Id, device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone,
                device.ReportingIntervalSeconds, device.Version))
            .ToListAsync(cancel);

        return TypedResults.Ok(page.Cut(rows, device => new PageKey("", device.Id)));
    }

    private static async Task<Results<Ok<List<MappingSource>>, ValidationProblem>> GetMappings(
        [AsParameters] PageRequest paging, DeviceDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var mappings = await db.Mappings.AsNoTracking().Where(mapping => mapping.IsAssigned).PageById(page).ToListAsync(cancel);
        var rows = page.Cut(mappings, mapping => new PageKey("", mapping.Id));

        return TypedResults.Ok(rows.ConvertAll(mapping => new MappingSource(mapping.UserId, mapping.DeviceId, mapping.Version)));
    }
}
