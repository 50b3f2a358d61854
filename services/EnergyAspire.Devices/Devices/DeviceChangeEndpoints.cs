using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Versions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Devices.Devices;

/// <summary>Registering, changing and deleting devices. A device's row is locked while it changes, so that no change is lost.</summary>
public static class DeviceChangeEndpoints
{
    private const string Deleted = "device_deleted";

    /// <summary>Maps the changes of <c>/api/devices</c>.</summary>
    public static void MapDeviceChanges(this IEndpointRouteBuilder routes)
    {
        var devices = routes.MapGroup("/api/devices").WithTags("Devices").RequireAuthorization(Policies.Admin);

        devices.MapPost("/", CreateDevice).WithVersion().ProducesProblem(StatusCodes.Status409Conflict);
        devices.MapPut("/{id:guid}", ChangeDevice).WithVersion().GuardedByVersion();
        devices.MapDelete("/{id:guid}", DeleteDevice).GuardedByVersion();
    }

    /// <summary>Registers a device.</summary>
    /// <param name="work">Where it is made.</param>
    /// <param name="site">Installation.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <param name="request" example='{"name":"Heat pump","description":"In the cellar","max_consumption":3.0,"price":0.32,"time_zone":"Europe/Berlin","reporting_interval_seconds":600}'>Device.</param>
    /// <response code="201">It is registered.</response>
    /// <response code="409">The id is or was another device's.</response>
    public static async Task<Results<Created<DeviceAnswer>, ValidationProblem, ProblemHttpResult>> CreateDevice(
        NewDevice request, Work work, IOptions<SiteOptions> site, HttpContext http, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        var device = request.ToDevice(site.Value, now);
        if (DeviceRules.Check(device) is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors);
        if (request.Id is { } wanted && await db.WasDeletedAsync(wanted, cancel))
            return Taken();

        db.Add(device);
        db.Announce(device.Created(), device.Version, now);
        db.Audit(actor, "device_created", now, deviceId: device.Id, after: DeviceFacts.Of(device));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException failure) when (failure.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Taken();
        }

        http.Response.SetVersion(device.Version);
        return TypedResults.Created($"/api/devices/{device.Id}", new DeviceAnswer("The device is registered.", DeviceResponse.From(device)));
    }

    /// <summary>Changes the fields of a device that are sent. When they say what it is already, nothing happens.</summary>
    /// <param name="id">Device id.</param>
    /// <param name="work">Where it is made.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <param name="request" example='{"name":"Heat pump, cellar","price":null}'>Fields to change.</param>
    /// <response code="200">It is as asked.</response>
    /// <response code="404">There is no such device.</response>
    public static async Task<Results<Ok<DeviceAnswer>, ValidationProblem, NotFound, ProblemHttpResult>> ChangeDevice(
        Guid id, DeviceChange request, Work work, HttpContext http, CancellationToken cancel)
    {
        var (db, now, actor) = work;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockDeviceAsync(id, cancel) is not { } device)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(device.Version))
            return EntityTags.Outdated();

        var before = DeviceFacts.Of(device);
        request.ApplyTo(device);
        if (DeviceRules.Check(device, before.Name) is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors);

        var after = DeviceFacts.Of(device);
        if (after != before)
        {
            device.Version++;
            device.UpdatedAt = now;
            db.Announce(device.Updated(), device.Version, now);
            db.Audit(actor, "device_updated", now, deviceId: id, before: before, after: after);
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        http.Response.SetVersion(device.Version);
        return TypedResults.Ok(new DeviceAnswer("The device is up to date.", DeviceResponse.From(device)));
    }

    /// <summary>Deletes a device and takes it away from everybody who could see it. Its consumption history stays for admins.</summary>
    /// <param name="id">Device id.</param>
    /// <param name="work">Where it is made.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <response code="204">It is gone.</response>
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
        db.Audit(actor, Deleted, now, deviceId: id, before: DeviceFacts.Of(device));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    /// <summary>Whether an id was a device's before. The row is gone then; the audit records stay, because nothing removes them.</summary>
    private static Task<bool> WasDeletedAsync(this DeviceDbContext db, Guid id, CancellationToken cancel) =>
        db.Set<AuditRecord>().AnyAsync(record => record.DeviceId == id && record.Action == Deleted, cancel);

    private static ProblemHttpResult Taken() => TypedResults.Problem(
        "This id is or was another device's. Ids aren't used again.", statusCode: StatusCodes.Status409Conflict);

    /// <summary>Reads a device and keeps others from changing it, and from assigning it, until the transaction ends.</summary>
    private static async Task<Device?> LockDeviceAsync(this DeviceDbContext db, Guid id, CancellationToken cancel) =>
        (await db.Devices.FromSql($"select * from devices where id = {id} for update").ToListAsync(cancel)).SingleOrDefault();
}
