using EnergyAspire.Api.Lists;
using EnergyAspire.Api.Versions;
using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Lists;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Tariffs;

/// <summary>Endpoints of tariffs. A tariff's row is locked while it changes, and while a device gets it.</summary>
public static class TariffEndpoints
{
    private static readonly ListOrders<Tariff> Orders = new ListOrders<Tariff>(tariff => tariff.Id).By(tariff => tariff.Name).By(tariff => tariff.CreatedAt);

    /// <summary>Maps <c>/api/tariffs</c>.</summary>
    public static void MapTariffs(this IEndpointRouteBuilder routes)
    {
        var tariffs = routes.MapGroup("/api/tariffs").WithTags("Tariffs").RequireAuthorization();

        tariffs.MapGet("/", GetTariffs).WithPaging();
        tariffs.MapGet("/{id:guid}", GetTariff).WithVersion();
        tariffs.MapPost("/", CreateTariff).WithVersion().RequireAuthorization(Policies.Admin);
        tariffs.MapPut("/{id:guid}", ChangeTariff).WithVersion().GuardedByVersion().RequireAuthorization(Policies.Admin);
        tariffs.MapDelete("/{id:guid}", DeleteTariff).GuardedByVersion().RequireAuthorization(Policies.Admin).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>Lists tariffs, by default sorted by name. An admin sees all, a client those of their devices.</summary>
    /// <param name="sort" example="-created_at"><c>name</c> or <c>created_at</c>; a leading minus reverses the order.</param>
    /// <param name="search">Part of the name, case-insensitive.</param>
    public static async Task<Results<Ok<List<TariffResponse>>, ValidationProblem>> GetTariffs(
        [AsParameters] PageRequest paging, string? sort, string? search, CurrentUser caller, DeviceDbContext db, CancellationToken cancel)
    {
        if (!Orders.TryRead(paging, sort, out var page, out var problem))
            return problem;

        var tariffs = await db.VisibleTariffsAsync(caller, cancel);
        if (SearchPattern.Containing(search) is { } pattern)
            tariffs = tariffs.Where(tariff => EF.Functions.ILike(tariff.Name, pattern, SearchPattern.Escape));

        return TypedResults.Ok((await page.ReadAsync(tariffs, cancel)).ConvertAll(TariffResponse.From));
    }

    /// <summary>Returns one tariff that the caller may see.</summary>
    /// <param name="id">Tariff id.</param>
    public static async Task<Results<Ok<TariffResponse>, NotFound>> GetTariff(
        Guid id, CurrentUser caller, DeviceDbContext db, HttpResponse response, CancellationToken cancel)
    {
        if (await (await db.VisibleTariffsAsync(caller, cancel)).SingleOrDefaultAsync(tariff => tariff.Id == id, cancel) is not { } tariff)
            return TypedResults.NotFound();

        response.SetVersion(tariff.Version);
        return TypedResults.Ok(TariffResponse.From(tariff));
    }

    /// <summary>Adds a tariff.</summary>
    /// <param name="request" example='{"name":"Day and night","currency":"EUR","prices":[{"from":"2026-01-01","unit_price":0.34,"times":[{"unit_price":0.27,"from_hour":22,"until_hour":6}],"base_price_per_month":12.5,"feed_in_price":0.08}]}'>Tariff.</param>
    /// <response code="201">The tariff is added.</response>
    public static async Task<Results<Created<TariffAnswer>, ValidationProblem>> CreateTariff(
        TariffRequest request, Work work, HttpContext http, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        if (TariffRules.Check(request) is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors);

        var tariff = request.ToTariff(now);
        db.Add(tariff);
        db.Announce(tariff.Updated(), tariff.Version, now);
        db.Audit(actor, "tariff_created", now, after: tariff.Updated());
        await db.SaveChangesAsync(cancel);

        http.Response.SetVersion(tariff.Version);
        return TypedResults.Created($"/api/tariffs/{tariff.Id}", new TariffAnswer("The tariff is added.", TariffResponse.From(tariff)));
    }

    /// <summary>Replaces a tariff's name, prices and end. If all have their current values, nothing changes.</summary>
    /// <remarks>
    /// New prices are an entry with the date from which they are valid, so the cost of earlier hours stays. Changing an entry corrects the cost of all
    /// hours for which it was valid.
    /// </remarks>
    /// <param name="id">Tariff id.</param>
    /// <param name="request" example='{"name":"Day and night","currency":"EUR","prices":[{"from":"2026-01-01","unit_price":0.34},{"from":"2027-01-01","unit_price":0.36}],"valid_until":"2028-12-31"}'>The complete new state.</param>
    /// <response code="200">The tariff is as requested.</response>
    /// <response code="404">There is no such tariff.</response>
    public static async Task<Results<Ok<TariffAnswer>, ValidationProblem, NotFound, ProblemHttpResult>> ChangeTariff(
        Guid id, TariffRequest request, Work work, HttpContext http, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockTariffAsync(id, cancel) is not { } tariff)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(tariff.Version))
            return EntityTags.Outdated();
        if (TariffRules.Check(request, tariff) is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors);

        var (before, wanted) = (tariff.Updated(), request.ToTariff(now));
        var name = request.Name == tariff.Name ? tariff.Name : wanted.Name;
        if (name != tariff.Name || wanted.ValidUntil != tariff.ValidUntil || JsonColumns.Write(wanted.Prices) != JsonColumns.Write(tariff.Prices))
        {
            (tariff.Name, tariff.Prices, tariff.ValidUntil, tariff.UpdatedAt) = (name, wanted.Prices, wanted.ValidUntil, now);
            tariff.Version++;
            db.Announce(tariff.Updated(), tariff.Version, now);
            db.Audit(actor, "tariff_updated", now, before: before, after: tariff.Updated());
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        http.Response.SetVersion(tariff.Version);
        return TypedResults.Ok(new TariffAnswer("The tariff is up to date.", TariffResponse.From(tariff)));
    }

    /// <summary>Deletes a tariff that no device has or had.</summary>
    /// <param name="id">Tariff id.</param>
    /// <response code="204">The tariff is deleted.</response>
    /// <response code="404">There is no such tariff.</response>
    /// <response code="409">A device has or had the tariff, so costs depend on it; <c>detail</c> says how many.</response>
    public static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteTariff(Guid id, Work work, HttpContext http, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockTariffAsync(id, cancel) is not { } tariff)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(tariff.Version))
            return EntityTags.Outdated();

        var entry = $$"""[{"tariff_id":"{{id}}"}]""";
        if (await db.Devices.FromSql($"select * from devices where tariffs @> {entry}::jsonb").CountAsync(cancel) is > 0 and var count)
        {
            return TypedResults.Problem(
                $"{count} device{(count == 1 ? " has or had" : "s have or had")} this tariff. Give it an end instead.", statusCode: StatusCodes.Status409Conflict);
        }

        db.Remove(tariff);
        db.Announce(new TariffDeleted(id), tariff.Version + 1, now);
        db.Audit(actor, "tariff_deleted", now, before: tariff.Updated());
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    /// <summary>Tariffs that a caller may see: an admin all, anyone else those that a device of theirs has or had.</summary>
    private static async Task<IQueryable<Tariff>> VisibleTariffsAsync(this DeviceDbContext db, CurrentUser caller, CancellationToken cancel)
    {
        if (caller.IsAdmin)
            return db.Tariffs.AsNoTracking();

        var lists = await db.Devices.AsNoTracking().VisibleTo(caller, db).Select(device => device.Tariffs).ToListAsync(cancel);
        var ids = lists.SelectMany(tariffs => tariffs).Select(tariff => tariff.TariffId).OfType<Guid>().Distinct().ToArray();
        return db.Tariffs.AsNoTracking().Where(tariff => ids.Contains(tariff.Id));
    }

    private static async Task<Tariff?> LockTariffAsync(this DeviceDbContext db, Guid id, CancellationToken cancel) =>
        (await db.Tariffs.FromSql($"select * from tariffs where id = {id} for update").ToListAsync(cancel)).SingleOrDefault();
}
