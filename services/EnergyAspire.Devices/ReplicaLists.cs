using EnergyAspire.Api.Lists;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices;

/// <summary>The endpoints from which other services rebuild their replicas.</summary>
public static class ReplicaLists
{
    /// <summary>Maps <c>/internal/devices</c>, <c>/internal/mappings</c> and <c>/internal/tariffs</c>.</summary>
    public static void MapReplicaLists(this IEndpointRouteBuilder routes)
    {
        var lists = routes.MapGroup("/internal").ExcludeFromDescription().RequireAuthorization(Policies.Replica);

        lists.MapGet("/devices", GetDevices);
        lists.MapGet("/mappings", GetMappings);
        lists.MapGet("/tariffs", GetTariffs);
    }

    private static async Task<Results<Ok<List<DeviceState>>, ValidationProblem>> GetDevices(
        [AsParameters] PageRequest paging, DeviceDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var devices = db.Devices.AsNoTracking();
        if (page.After is { Id: var last })
            devices = devices.Where(device => device.Id > last);
        var rows = await devices.OrderBy(device => device.Id).Take(page.Take)
            .ToListAsync(cancel);

        return TypedResults.Ok(page.Cut(rows, device => new PageKey("", device.Id)).ConvertAll(device => device.ToState()));
    }

    private static async Task<Results<Ok<List<MappingState>>, ValidationProblem>> GetMappings(
        [AsParameters] PageRequest paging, DeviceDbContext db, CancellationToken cancel, bool ended = false)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        // Only on request, because a service of an older version takes each listed mapping for a current one.
        var mappings = await db.Mappings.AsNoTracking().Where(mapping => mapping.IsAssigned || ended).PageById(page).ToListAsync(cancel);
        var rows = page.Cut(mappings, mapping => new PageKey("", mapping.Id));

        return TypedResults.Ok(rows.ConvertAll(mapping => mapping.ToState()));
    }

    private static async Task<Results<Ok<List<TariffState>>, ValidationProblem>> GetTariffs(
        [AsParameters] PageRequest paging, DeviceDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var tariffs = db.Tariffs.AsNoTracking();
        if (page.After is { Id: var last })
            tariffs = tariffs.Where(tariff => tariff.Id > last);
        var rows = await tariffs.OrderBy(tariff => tariff.Id).Take(page.Take).ToListAsync(cancel);

        return TypedResults.Ok(page.Cut(rows, tariff => new PageKey("", tariff.Id)).ConvertAll(tariff => tariff.ToState()));
    }
}
