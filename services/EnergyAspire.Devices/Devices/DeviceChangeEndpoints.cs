using EnergyAspire.Api.Versions;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Devices.Devices;

/// <summary>Endpoints that register, change and delete devices. A device's row is locked while it changes, so that no change is lost.</summary>
public static class DeviceChangeEndpoints
{
    private const string MetersChanged = "device_meters_changed";

    /// <summary>Maps the changes of <c>/api/devices</c>.</summary>
    public static void MapDeviceChanges(this IEndpointRouteBuilder routes)
    {
        var devices = routes.MapGroup("/api/devices").WithTags("Devices").RequireAuthorization(Policies.Admin);

        devices.MapPost("/", CreateDevice).WithVersion().ProducesProblem(StatusCodes.Status409Conflict);
        devices.MapPut("/{id:guid}", ChangeDevice).WithVersion().GuardedByVersion().ProducesProblem(StatusCodes.Status409Conflict);
        devices.MapPut("/{id:guid}/meters", ChangeMeters).WithVersion().GuardedByVersion().ProducesProblem(StatusCodes.Status409Conflict);
        devices.MapPut("/{id:guid}/tariffs", ChangeTariffs).WithVersion().GuardedByVersion();
        devices.MapDelete("/{id:guid}", DeleteDevice).GuardedByVersion();
    }

    /// <summary>Registers a device.</summary>
    /// <param name="request" example='{"name":"Heat pump","description":"In the cellar","max_consumption":3.0,"price":0.32,"time_zone":"Europe/Berlin","reporting_interval_seconds":600}'>Device.</param>
    /// <response code="201">The device is registered.</response>
    /// <response code="409">
    /// The id belongs or belonged to another device, or to the meter of another device; ids are not reused. Or another device has the external id, or
    /// is the feed-in already. <c>detail</c> says which.
    /// </response>
    public static async Task<Results<Created<DeviceAnswer>, ValidationProblem, ProblemHttpResult>> CreateDevice(
        NewDevice request, Work work, IOptions<SiteOptions> site, HttpContext http, CancellationToken cancel)
    {
        await using var transaction = await work.Db.Database.BeginTransactionAsync(cancel);
        var twoWay = request.FeedInOf is { } id ? await work.Db.LockDeviceAsync(id, cancel) : null;
        if (request.FeedInOf is not null && twoWay is not { Direction: EnergyDirection.Consumption })
            return Invalid("feed_in_of", twoWay is null ? "There is no such device." : "This device produces. A feed-in belongs to a device that consumes.");
        if (twoWay is not null && request.TimeZone is { } zone && zone != twoWay.TimeZone)
            return Invalid("time_zone", "The feed-in of a two-way meter has the time zone of the device with the meter.");
        if (twoWay is not null && await work.Db.LockFeedInAsync(twoWay.Id, cancel) is { } feedIn)
            return Conflict($"The device “{feedIn.Name}” ({feedIn.Id}) is the feed-in of this device's meter.");

        var device = request.ToDevice(site.Value, work.Now, twoWay);
        var refusal = await work.RegisterAsync(device, isIdWanted: request.Id is not null, cancel) ?? await work.Db.SaveDevicesAsync(cancel);
        if (refusal is { IsConflict: true })
            return Conflict(refusal.Detail);
        if (refusal is not null)
            return TypedResults.ValidationProblem(refusal.Errors);

        await transaction.CommitAsync(cancel);

        http.Response.SetVersion(device.Version);
        return TypedResults.Created($"/api/devices/{device.Id}", new DeviceAnswer("The device is registered.", DeviceResponse.From(device)));
    }

    /// <summary>Changes the fields of a device that are sent. If all have their current values, nothing changes.</summary>
    /// <remarks>
    /// Limit, price and interval have a history: hours before the change are judged by what was valid then. A new time zone is valid for all hours,
    /// because a device stays where it is and a wrong zone was always wrong. The feed-in of a two-way meter gets it too.
    /// </remarks>
    /// <param name="id">Device id.</param>
    /// <param name="request" example='{"name":"Heat pump, cellar","price":null}'>Fields to change.</param>
    /// <response code="200">The device has the requested values.</response>
    /// <response code="404">There is no such device.</response>
    /// <response code="409">Another device has the external id.</response>
    public static async Task<Results<Ok<DeviceAnswer>, ValidationProblem, NotFound, ProblemHttpResult>> ChangeDevice(
        Guid id, DeviceChange request, Work work, HttpContext http, CancellationToken cancel)
    {
        var db = work.Db;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockDeviceAsync(id, cancel) is not { } device)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(device.Version))
            return EntityTags.Outdated();

        if ((await work.ChangeAsync(device, request, cancel) ?? await db.SaveDevicesAsync(cancel)) is { } refusal)
        {
            if (refusal.IsConflict)
                return Conflict(refusal.Detail);

            return TypedResults.ValidationProblem(refusal.Errors);
        }

        await transaction.CommitAsync(cancel);

        http.Response.SetVersion(device.Version);
        return TypedResults.Ok(new DeviceAnswer("The device is up to date.", DeviceResponse.From(device)));
    }

    /// <summary>Sets which meters measure for a device and since when: replaces its meter, corrects when that was, or undoes it. Idempotent.</summary>
    /// <remarks>
    /// A reading belongs to the device whose meter it was at the reading's time. Readings that were stored or refused by the former list are judged
    /// again, so the list may be changed late. Name, settings, history and mappings of the device stay. The feed-in of a two-way meter follows: its
    /// meters are the production registers of these.
    /// </remarks>
    /// <param name="id">Device id.</param>
    /// <param name="request" example='{"meters":[{"meter_id":"00000000-0000-7000-8000-0000000000d1"},{"meter_id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","from":"2026-03-01T10:30:00+01:00"}]}'>All meters of the device.</param>
    /// <response code="200">The device has these meters.</response>
    /// <response code="404">There is no such device.</response>
    /// <response code="409">
    /// One of the meters measures for another device at the same time; <c>detail</c> says which and when. Or the device is the feed-in of a two-way
    /// meter, whose meters follow those of the other device.
    /// </response>
    public static async Task<Results<Ok<DeviceAnswer>, ValidationProblem, NotFound, ProblemHttpResult>> ChangeMeters(
        Guid id, MetersChange request, Work work, HttpContext http, CancellationToken cancel)
    {
        var (db, now, _) = work;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockDeviceAsync(id, cancel) is not { } device)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(device.Version))
            return EntityTags.Outdated();
        if (device.FeedInOf is { } twoWay && await db.Devices.AsNoTracking().SingleOrDefaultAsync(held => held.Id == twoWay, cancel) is { } other)
            return Conflict($"This device is the feed-in of a two-way meter. Its meters follow those of “{other.Name}” ({other.Id}).");
        if (!request.TryRead(device, now, out var meters, out var fault))
            return Invalid("meters", fault);

        if (!meters.SequenceEqual(device.Meters))
        {
            var before = DeviceFacts.Of(device);
            device.Meters = meters;
            await db.HoldMetersAsync(cancel);
            if (await db.FindUseOfOthersAsync(device, cancel) is { } use)
                return Conflict(use);

            work.Announce(device, before, MetersChanged);
            await db.SaveChangesAsync(cancel);
            if (await db.LockFeedInAsync(device.Id, cancel) is { } feedIn)
            {
                before = DeviceFacts.Of(feedIn);
                feedIn.Meters = Device.FeedInMetersOf(device);
                if (await db.FindUseOfOthersAsync(feedIn, cancel) is { } feedInUse)
                    return Conflict(feedInUse);

                work.Announce(feedIn, before, MetersChanged);
                await db.SaveChangesAsync(cancel);
            }

            await transaction.CommitAsync(cancel);
        }

        http.Response.SetVersion(device.Version);
        return TypedResults.Ok(new DeviceAnswer("The device has these meters.", DeviceResponse.From(device)));
    }

    /// <summary>Sets which tariffs a device has and since when. Idempotent.</summary>
    /// <remarks>
    /// Each hour costs what the tariff of its date says, in the site's zone. At times without a tariff the device's own price is valid. An entry for a
    /// later date is a change of tariff; changing an earlier one corrects the cost of its hours.
    /// </remarks>
    /// <param name="id">Device id.</param>
    /// <param name="request" example='{"tariffs":[{"tariff_id":"0198b6a2-1111-7000-8000-000000000001","from":"2026-04-01"}]}'>All tariffs of the device.</param>
    /// <response code="200">The device has these tariffs.</response>
    /// <response code="404">There is no such device.</response>
    public static async Task<Results<Ok<DeviceAnswer>, ValidationProblem, NotFound, ProblemHttpResult>> ChangeTariffs(
        Guid id, TariffsChange request, Work work, HttpContext http, CancellationToken cancel)
    {
        var db = work.Db;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockDeviceAsync(id, cancel) is not { } device)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(device.Version))
            return EntityTags.Outdated();
        if (await request.FaultAsync(db, cancel) is { } fault)
            return Invalid("tariffs", fault);

        if (request.ToTariffs() is var tariffs && !tariffs.SequenceEqual(device.Tariffs))
        {
            var before = DeviceFacts.Of(device);
            device.Tariffs = tariffs;
            work.Announce(device, before, "device_tariffs_changed");
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        http.Response.SetVersion(device.Version);
        return TypedResults.Ok(new DeviceAnswer("The device has these tariffs.", DeviceResponse.From(device)));
    }

    /// <summary>Deletes a device and unassigns it from all users. Its consumption history stays visible to admins.</summary>
    /// <param name="id">Device id.</param>
    /// <response code="204">The device is deleted.</response>
    /// <response code="404">There is no such device.</response>
    public static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteDevice(
        Guid id, Work work, HttpContext http, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockDeviceAsync(id, cancel) is not { } device)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(device.Version))
            return EntityTags.Outdated();

        work.TakeAway(await db.LockMappingsOfDeviceAsync(id, cancel));
        db.Remove(device);
        db.Announce(new DeviceDeleted(id), device.Version + 1, now);
        db.Audit(actor, DeviceChanges.Deleted, now, deviceId: id, before: DeviceFacts.Of(device));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    private static ValidationProblem Invalid(string field, string message) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    private static ProblemHttpResult Conflict(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    /// <summary>Reads a device and locks its row until the transaction ends, so that others can neither change nor assign it.</summary>
    private static async Task<Device?> LockDeviceAsync(this DeviceDbContext db, Guid id, CancellationToken cancel) =>
        (await db.Devices.FromSql($"select * from devices where id = {id} for update").ToListAsync(cancel)).SingleOrDefault();
}
