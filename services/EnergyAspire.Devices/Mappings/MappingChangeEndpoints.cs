using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using EnergyAspire.Api.Lists;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Devices.Data;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Request to assign a device to a user. Unknown fields are rejected.</summary>
/// <param name="UserId">Account that gets access to the device.</param>
/// <param name="DeviceId">Device id.</param>
/// <param name="From">
/// When the device begins to belong to the user, not in the future; by default now. The user sees what was measured from then on.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AssignRequest(
    [property: Required] Guid? UserId = null, [property: Required] Guid? DeviceId = null, DateTimeOffset? From = null);

/// <summary>Request to correct when a device belonged to a user. Unknown fields are rejected.</summary>
/// <param name="Periods">
/// All periods, oldest first, without overlaps. The last one has no end exactly when the device is assigned to the user now. Without periods the user
/// sees nothing.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MappingChange([property: Required, MaxLength(MappingChange.MostPeriods)] IReadOnlyList<MappingPeriod>? Periods = null)
{
    internal const int MostPeriods = 1000;

    /// <summary>Checks the periods against each other, the present, and whether the device is assigned now.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    internal string? Fault(bool isAssigned, DateTimeOffset now)
    {
        if (Periods is not { Count: <= MostPeriods })
            return $"The periods are a list of at most {MostPeriods}.";
        if (Periods.Any(period => period is null || period.From >= (period.Until ?? DateTimeOffset.MaxValue)))
            return "Each period begins before it ends.";
        if (Periods.SelectMany(period => new[] { period.From, period.Until }).Select(time => ValidTimes.Fault(time, now)).FirstOrDefault(fault => fault is not null) is { } wrong)
            return wrong;
        if (Periods.Zip(Periods.Skip(1)).Any(pair => !(pair.First.Until < pair.Second.From)))
            return "The periods are sorted, and each begins after the end of the one before.";
        if (Periods is [.., { Until: null }] != isAssigned)
            return isAssigned ? "The device is assigned to the user, so the last period has no end." : "The device isn't assigned to the user, so the last period has an end.";

        return null;
    }
}

/// <summary>Request to unassign a device from a user. Unknown fields are rejected.</summary>
/// <param name="UserId">Account that loses access to the device.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UnassignRequest([property: Required] Guid? UserId = null);

/// <summary>Response to an assignment.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="Mapping">The mapping.</param>
public sealed record MappingAnswer(string Message, MappingResponse Mapping);

/// <summary>Endpoints that assign devices to users and unassign them.</summary>
public static class MappingChangeEndpoints
{
    /// <summary>Maps the changes of <c>/api/mappings</c>.</summary>
    public static void MapMappingChanges(this IEndpointRouteBuilder routes)
    {
        var mappings = routes.MapGroup("/api/mappings").WithTags("Mappings").RequireAuthorization(Policies.Admin);

        mappings.MapPut("/{user_id:guid}/{device_id:guid}", ChangePeriods).ProducesProblem(StatusCodes.Status404NotFound);
        mappings.MapPost("/assign", Assign).ProducesProblem(StatusCodes.Status404NotFound);
        mappings.MapDelete("/unassign/{device_id:guid}", UnassignDevice).ProducesProblem(StatusCodes.Status404NotFound);
        mappings.MapDelete("/{user_id:guid}/{device_id:guid}", Unassign).ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>Assigns a device to a user, who sees what is measured from then on. Idempotent.</summary>
    /// <remarks>If the device is assigned to the user already, nothing changes, not even the time. PUT changes the time.</remarks>
    /// <param name="request" example='{"user_id":"00000000-0000-7000-8000-0000000000a1","device_id":"00000000-0000-7000-8000-0000000000d1"}'>User and device.</param>
    /// <response code="200">The device was already assigned to the user.</response>
    /// <response code="201">The device is assigned to the user.</response>
    /// <response code="404">There is no such user or no such device; <c>detail</c> says which.</response>
    public static async Task<Results<Created<MappingAnswer>, Ok<MappingAnswer>, ValidationProblem, ProblemHttpResult>> Assign(
        AssignRequest request, Work work, CancellationToken cancel)
    {
        if (request is not { UserId: { } userId, DeviceId: { } deviceId })
            return TypedResults.ValidationProblem(Missing(request));
        if (ValidTimes.Fault(request.From, work.Now) is { } fault)
            return Invalid("from", fault);

        var db = work.Db;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.HoldUserAsync(userId, cancel) is not { Username: var username })
            return Absent("There is no user with this user_id.");
        if (await db.HoldDeviceAsync(deviceId, cancel) is not { } device)
            return Absent("There is no device with this device_id.");

        if (await work.AssignAsync(userId, deviceId, request.From?.ToStored() ?? work.Now, cancel) is { } assigned)
        {
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);

            return TypedResults.Created(
                $"/api/mappings?user_id={userId}&device_id={deviceId}",
                new MappingAnswer("The device is assigned.", MappingResponse.From(assigned, username, device)));
        }

        var held = await db.Mappings.AsNoTracking().SingleAsync(mapping => mapping.UserId == userId && mapping.DeviceId == deviceId, cancel);
        return TypedResults.Ok(new MappingAnswer("The device was assigned already.", MappingResponse.From(held, username, device)));
    }

    /// <summary>
    /// Corrects when a device belonged to a user, such as from a day before it was assigned. The user sees what was measured in these periods. Idempotent.
    /// </summary>
    /// <param name="userId">Account id.</param>
    /// <param name="deviceId">Device id.</param>
    /// <param name="request" example='{"periods":[{"from":"2026-01-01T00:00:00+01:00","until":null}]}'>All periods of the mapping.</param>
    /// <response code="200">The mapping has these periods.</response>
    /// <response code="404">The device was never assigned to this user, or the user or the device was deleted.</response>
    public static async Task<Results<Ok<MappingAnswer>, ValidationProblem, ProblemHttpResult>> ChangePeriods(
        [FromRoute(Name = "user_id")] Guid userId, [FromRoute(Name = "device_id")] Guid deviceId, MappingChange request, Work work,
        CancellationToken cancel)
    {
        var (db, now, actor) = work;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var (user, device) = (await db.HoldUserAsync(userId, cancel), await db.HoldDeviceAsync(deviceId, cancel));
        var held = await db.Mappings.FromSql($"select * from mappings where user_id = {userId} and device_id = {deviceId} for update").ToListAsync(cancel);
        if (user is null || device is null || held is not [var mapping])
            return Absent("The device was never assigned to this user.");
        if (request.Fault(mapping.IsAssigned, now) is { } fault)
            return Invalid("periods", fault);

        var periods = request.Periods!.Select(period => MappingPeriods.Range(period.From, period.Until)).ToArray();
        if (!periods.SequenceEqual(mapping.CurrentPeriods()))
        {
            var before = MappingFacts.Of(mapping);
            mapping.Periods = periods;
            mapping.Version++;
            if (mapping.IsAssigned)
                db.Announce(mapping.Assigned(), mapping.Version, now);
            else
                db.Announce(mapping.Unassigned(), mapping.Version, now);
            db.Audit(actor, "mapping_periods_changed", now, userId, deviceId, before, MappingFacts.Of(mapping));
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        return TypedResults.Ok(new MappingAnswer("The mapping has these periods.", MappingResponse.From(mapping, user.Username, device)));
    }

    /// <summary>Unassigns a device from one user, or without <c>user_id</c> from all users. The user is given in the query or in a body.</summary>
    /// <param name="deviceId">Device id.</param>
    /// <param name="userId">User to unassign it from.</param>
    /// <param name="request" example='{"user_id":"00000000-0000-7000-8000-0000000000a1"}'>
    /// User to unassign it from; a body without <c>user_id</c> is rejected.
    /// </param>
    /// <response code="204">The device is unassigned from the user, or from all users.</response>
    /// <response code="404">There is no such device, or it is not assigned to this user; <c>detail</c> says which.</response>
    public static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> UnassignDevice(
        [FromRoute(Name = "device_id")] Guid deviceId, [FromQuery(Name = "user_id")] string? userId,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] UnassignRequest? request, Work work, HttpContext http, CancellationToken cancel)
    {
        // A user_id or a body, even an empty one, means one user. A malformed request must not unassign the device from all users.
        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        if (userId is not null || hasBody)
        {
            return TryReadUser(userId, request?.UserId, hasBody, out var user, out var error)
                ? await TakeAwayAsync(work, user, deviceId, cancel)
                : Invalid("user_id", error);
        }

        var db = work.Db;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.HoldDeviceAsync(deviceId, cancel) is null)
            return Absent("There is no device with this device_id.");

        work.TakeAway(await db.LockMappingsOfDeviceAsync(deviceId, cancel));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    /// <summary>Unassigns a device from one user.</summary>
    /// <param name="userId">User to unassign it from.</param>
    /// <param name="deviceId">Device id.</param>
    /// <response code="204">The device is unassigned from the user.</response>
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

    private static ValidationProblem Invalid(string field, string error) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [error] });

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
