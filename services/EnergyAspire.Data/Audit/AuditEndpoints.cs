using System.Text.Json;
using EnergyAspire.Api.Lists;
using EnergyAspire.Data.Lists;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.OpenApi;

namespace EnergyAspire.Data.Audit;

/// <summary>An audit record as the API shows it.</summary>
/// <param name="Id">Record id; grows with time.</param>
/// <param name="At">When it happened.</param>
/// <param name="Action">What happened, such as <c>device_created</c>.</param>
/// <param name="ActorId">Account that did it; null when nobody was signed in or a service did it.</param>
/// <param name="Actor">Name of the account or service that did it.</param>
/// <param name="Address">IP address that the request came from.</param>
/// <param name="UserId">Account that was affected.</param>
/// <param name="DeviceId">Device that was affected.</param>
/// <param name="Before">State before, without secrets.</param>
/// <param name="After">State after, without secrets.</param>
/// <param name="TraceId">Id of the request's trace.</param>
public sealed record AuditResponse(
    Guid Id, DateTimeOffset At, string Action, Guid? ActorId, string Actor, string? Address, Guid? UserId, Guid? DeviceId,
    JsonElement? Before, JsonElement? After, string? TraceId)
{
    internal static AuditResponse From(AuditRecord record) => new(
        record.Id, record.At, record.Action, record.ActorId, record.Actor, record.Address, record.UserId, record.DeviceId,
        Parse(record.Before), Parse(record.After), record.TraceId);

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}

/// <summary>Filter of a list of audit records; all fields are optional.</summary>
/// <param name="ActorId">Account that did it.</param>
/// <param name="UserId">Account that was affected.</param>
/// <param name="DeviceId">Device that was affected.</param>
/// <param name="Action">What happened.</param>
/// <param name="From">Not before this time, RFC 3339.</param>
/// <param name="To">Before this time, RFC 3339.</param>
public sealed record AuditFilter(
    [FromQuery(Name = "actor_id")] string? ActorId, [FromQuery(Name = "user_id")] string? UserId, [FromQuery(Name = "device_id")] string? DeviceId,
    [FromQuery(Name = "action")] string? Action, [FromQuery(Name = "from")] string? From, [FromQuery(Name = "to")] string? To)
{
    /// <summary>Applies the filter; returns false and the errors by field when it is invalid.</summary>
    internal bool TryApply(ref IQueryable<AuditRecord> records, out Dictionary<string, string[]> errors)
    {
        errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (QueryValues.ReadId("actor_id", ActorId, errors) is { } actor)
            records = records.Where(record => record.ActorId == actor);
        if (QueryValues.ReadId("user_id", UserId, errors) is { } user)
            records = records.Where(record => record.UserId == user);
        if (QueryValues.ReadId("device_id", DeviceId, errors) is { } device)
            records = records.Where(record => record.DeviceId == device);
        if (Action?.Replace("\0", "", StringComparison.Ordinal) is { Length: > 0 } action)
            records = records.Where(record => record.Action == action);
        if (QueryValues.ReadTime("from", From, errors) is { } from)
            records = records.Where(record => record.At >= from);
        if (QueryValues.ReadTime("to", To, errors) is { } to)
            records = records.Where(record => record.At < to);

        return errors.Count == 0;
    }
}

/// <summary>Endpoint that lists audit records.</summary>
public static class AuditEndpoints
{
    /// <summary>Maps the list of audit records in <typeparamref name="TContext"/>, newest first, for admins.</summary>
    public static RouteHandlerBuilder MapAudit<TContext>(this IEndpointRouteBuilder routes, string path)
        where TContext : DbContext =>
        routes.MapGet(path, GetAudit<TContext>).WithPaging().RequireAuthorization(Policies.Admin)
            .WithSummary("Lists audit records, newest first.")
            .WithDescription("Who changed or attempted what, when and from where, with the state before and after, without secrets. Records can't be changed or deleted.")
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
                {
                    parameter.Description ??= parameter.Name switch
                    {
                        "actor_id" => "Account that did it.",
                        "user_id" => "Account that was affected.",
                        "device_id" => "Device that was affected.",
                        "action" => "What happened, such as device_created.",
                        "from" => "Not before this time, RFC 3339.",
                        "to" => "Before this time, RFC 3339.",
                        _ => null,
                    };
                }

                return Task.CompletedTask;
            });

    private static async Task<Results<Ok<List<AuditResponse>>, ValidationProblem>> GetAudit<TContext>(
        [AsParameters] PageRequest paging, [AsParameters] AuditFilter filter, TContext db, CancellationToken cancel)
        where TContext : DbContext
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var records = db.Set<AuditRecord>().AsNoTracking();
        if (!filter.TryApply(ref records, out var errors))
            return TypedResults.ValidationProblem(errors);
        var after = page.After is { Id: var last } ? records.Where(record => record.Id < last) : records;

        var rows = await after.OrderByDescending(record => record.Id).Take(page.Take).ToListAsync(cancel);

        return TypedResults.Ok(await page.CutAsync(rows.ConvertAll(AuditResponse.From), record => new PageKey("", record.Id), records, cancel));
    }
}
