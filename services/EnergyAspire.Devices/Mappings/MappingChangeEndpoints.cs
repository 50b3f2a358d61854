using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using EnergyAspire.Devices.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Who is to see which device. Other fields are refused.</summary>
/// <param name="UserId">Account that is to see the device.</param>
/// <param name="DeviceId">Device to be seen.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AssignRequest([property: Required] Guid? UserId = null, [property: Required] Guid? DeviceId = null);

/// <summary>Whom a device is to be taken away from. Other fields are refused.</summary>
/// <param name="UserId">Account that is not to see the device any more.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UnassignRequest([property: Required] Guid? UserId = null);

/// <summary>A mapping after it was assigned.</summary>
/// <param name="Message">What happened, for people.</param>
/// <param name="Mapping">The mapping.</param>
public sealed record MappingAnswer(string Message, MappingResponse Mapping);

/// <summary>Assigning devices to people and taking them back.</summary>
public static class MappingChangeEndpoints
{
    /// <summary>Maps the changes of <c>/api/mappings</c>.</summary>
    public static void MapMappingChanges(this IEndpointRouteBuilder routes)
    {
        var mappings = routes.MapGroup("/api/mappings").WithTags("Mappings").RequireAuthorization(Policies.Admin);

        mappings.MapPost("/assign", Assign).ProducesProblem(StatusCodes.Status404NotFound);
        mappings.MapDelete("/unassign/{device_id:guid}", UnassignDevice).ProducesProblem(StatusCodes.Status404NotFound);
        mappings.MapDelete("/{user_id:guid}/{device_id:guid}", Unassign).ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>Lets a user see a device. The same again has no further effect.</summary>
    /// <param name="work">Where it is made.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <param name="request" example='{"user_id":"00000000-0000-7000-8000-0000000000a1","device_id":"00000000-0000-7000-8000-0000000000d1"}'>User and device.</param>
    /// <response code="200">The user could see it already.</response>
    /// <response code="201">The user sees it from now on.</response>
    /// <response code="404">There is no such user, or no such device; detail says which.</response>
    public static async Task<Results<Created<MappingAnswer>, Ok<MappingAnswer>, ValidationProblem, ProblemHttpResult>> Assign(
        AssignRequest request, Work work, CancellationToken cancel)
    {
        if (request is not { UserId: { } userId, DeviceId: { } deviceId })
            return TypedResults.ValidationProblem(Missing(request));

        var db = work.Db;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var user = await db.Users.FromSql($"select * from user_replicas where id = {userId} and not is_deleted for share").AsNoTracking().ToListAsync(cancel);
        if (user is not [{ Username: var username }])
            return Absent("There is no user with this user_id.");
        var device = await db.Devices.FromSql($"select * from devices where id = {deviceId} for share").AsNoTracking().ToListAsync(cancel);
        if (device is not [{ Name: var deviceName }])
            return Absent("There is no device with this device_id.");

        if (await work.AssignAsync(userId, deviceId, cancel) is { } assigned)
        {
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);

            return TypedResults.Created(
                $"/api/mappings?user_id={userId}&device_id={deviceId}",
                new MappingAnswer("The device is assigned.", MappingResponse.From(assigned, username, deviceName)));
        }

        var held = await db.Mappings.AsNoTracking().SingleAsync(mapping => mapping.UserId == userId && mapping.DeviceId == deviceId, cancel);
        return TypedResults.Ok(new MappingAnswer("The device was assigned already.", MappingResponse.From(held, username, deviceName)));
    }

    /// <summary>Takes a device away from one user, or without <c>user_id</c> from everybody. The user may be named in the query or in a body.</summary>
    /// <param name="deviceId">Device id.</param>
    /// <param name="userId">User to take it away from.</param>
    /// <param name="work">Where it is made.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <param name="request" example='{"user_id":"00000000-0000-7000-8000-0000000000a1"}'>User to take it away from; a body without <c>user_id</c> is refused.</param>
    /// <response code="204">The user, or nobody, sees it any more.</response>
    /// <response code="404">There is no such device, or it is not assigned to this user; detail says which.</response>
    public static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> UnassignDevice(
        [FromRoute(Name = "device_id")] Guid deviceId, [FromQuery(Name = "user_id")] string? userId,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] UnassignRequest? request, Work work, HttpContext http, CancellationToken cancel)
    {
        // Whoever sends a user_id or a body, even an empty one, means one user: nothing that was sent may end as "everybody".
        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        if (userId is not null || hasBody)
        {
            return TryReadUser(userId, request?.UserId, hasBody, out var user, out var error)
                ? await TakeAwayAsync(work, user, deviceId, cancel)
                : TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["user_id"] = [error] });
        }

        var db = work.Db;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Devices.FromSql($"select * from devices where id = {deviceId} for share").AsNoTracking().ToListAsync(cancel) is [])
            return Absent("There is no device with this device_id.");

        work.TakeAway(await db.LockMappingsOfDeviceAsync(deviceId, cancel));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    /// <summary>Takes a device away from one user.</summary>
    /// <param name="userId">User to take it away from.</param>
    /// <param name="deviceId">Device id.</param>
    /// <param name="work">Where it is made.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <response code="204">The user doesn't see it any more.</response>
    /// <response code="404">The device is not assigned to this user.</response>
    public static async Task<Results<NoContent, ProblemHttpResult>> Unassign(
        [FromRoute(Name = "user_id")] Guid userId, [FromRoute(Name = "device_id")] Guid deviceId, Work work, CancellationToken cancel) =>
        await TakeAwayAsync(work, userId, deviceId, cancel) is { Result: ProblemHttpResult absent } ? absent : TypedResults.NoContent();

    /// <summary>Reads which user the query and the body name together.</summary>
    private static bool TryReadUser(string? inQuery, Guid? inBody, bool hasBody, out Guid user, [NotNullWhen(false)] out string? error)
    {
        error = null;
        user = inBody ?? Guid.Empty;
        if (inQuery is not null && !Guid.TryParse(inQuery, out user))
            error = QueryValues.NoId;
        else if (hasBody && inBody is null)
            error = "The body must name the user_id.";
        else if (hasBody && inBody != user)
            error = "The query and the body name different users.";

        return error is null;
    }

    private static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> TakeAwayAsync(
        Work work, Guid userId, Guid deviceId, CancellationToken cancel)
    {
        await using var transaction = await work.Db.Database.BeginTransactionAsync(cancel);
        var mapping = await work.Db.LockMappingAsync(userId, deviceId, cancel);
        if (mapping is [])
            return Absent("The device is not assigned to this user.");

        work.TakeAway(mapping);
        await work.Db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Absent(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    private static Dictionary<string, string[]> Missing(AssignRequest request)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (request.UserId is null)
            errors["user_id"] = ["A user_id is needed."];
        if (request.DeviceId is null)
            errors["device_id"] = ["A device_id is needed."];

        return errors;
    }
}
