using EnergyAspire.Api.Lists;
using EnergyAspire.Data.Lists;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Sagas;

/// <summary>A saga as the API shows it.</summary>
/// <param name="Id">Saga id.</param>
/// <param name="Type"><c>registration</c>, <c>update</c> or <c>deletion</c>.</param>
/// <param name="Subject">Account that it changes.</param>
/// <param name="Username">Username of the account.</param>
/// <param name="State"><c>running</c>, <c>compensating</c>, <c>completed</c> or <c>rolled_back</c>.</param>
/// <param name="Steps">Its steps in the order in which they are done; they are undone in the reverse order.</param>
/// <param name="Attempts">Number of attempts at steps and compensations so far.</param>
/// <param name="LastError">Its last error; null when there was none.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Deadline">Until when failing steps are retried. After it the completed steps are undone.</param>
/// <param name="NextAttemptAt">When the next attempt is due; null when the saga has ended.</param>
/// <param name="FinishedAt">When it ended; null before.</param>
/// <param name="ActorId">Account that requested it; null when nobody was signed in.</param>
/// <param name="Actor">Name of the account or service that requested it.</param>
/// <param name="TraceId">Id of the trace that contains all its steps.</param>
public sealed record SagaResponse(
    Guid Id, string Type, Guid Subject, string Username, string State, IReadOnlyList<SagaStepResponse> Steps, int Attempts, string? LastError,
    DateTimeOffset StartedAt, DateTimeOffset Deadline, DateTimeOffset? NextAttemptAt, DateTimeOffset? FinishedAt, Guid? ActorId, string Actor,
    string? TraceId)
{
    internal static SagaResponse From(Saga saga) => new(
        saga.Id, Name(saga.Type), saga.Subject, saga.Username, Name(saga.State), saga.Steps.ConvertAll(SagaStepResponse.From), saga.Attempts,
        saga.LastError, saga.StartedAt, saga.Deadline, saga.IsFinished ? null : saga.NextAttemptAt, saga.FinishedAt, saga.ActorId, saga.Actor,
        saga.TraceParent?.Split('-')[1]);

    internal static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}

/// <summary>A step of a saga.</summary>
/// <param name="Name">Name of the step.</param>
/// <param name="State"><c>pending</c>, <c>done</c> or <c>undone</c>.</param>
/// <param name="Attempts">Number of attempts to do it.</param>
/// <param name="UndoAttempts">Number of attempts to undo it.</param>
/// <param name="Error">Its last error; null when there was none.</param>
/// <param name="StartedAt">When it was first attempted.</param>
/// <param name="EndedAt">When it was done, refused or undone.</param>
public sealed record SagaStepResponse(
    string Name, string State, int Attempts, int UndoAttempts, string? Error, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt)
{
    internal static SagaStepResponse From(StepProgress step) => new(
        step.Name, SagaResponse.Name(step.State), step.Attempts, step.UndoAttempts, step.Error, step.StartedAt, step.EndedAt);
}

/// <summary>Endpoints that show sagas to admins.</summary>
public static class SagaEndpoints
{
    /// <summary>Maps <c>/api/auth/sagas</c>.</summary>
    public static RouteGroupBuilder MapSagas(this IEndpointRouteBuilder routes)
    {
        var sagas = routes.MapGroup("/api/auth/sagas").WithTags("Sagas").RequireAuthorization(Policies.Admin)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);

        sagas.MapGet("/", GetSagas).WithPaging();
        sagas.MapGet("/{id:guid}", GetSaga);

        return sagas;
    }

    /// <summary>Lists sagas, newest first. A saga is a change that all services make, or none.</summary>
    /// <param name="subject">Only sagas that change this account.</param>
    /// <param name="state">Only sagas in this state: <c>running</c>, <c>compensating</c>, <c>completed</c> or <c>rolled_back</c>.</param>
    /// <param name="type">Only sagas of this type: <c>registration</c>, <c>update</c> or <c>deletion</c>.</param>
    public static async Task<Results<Ok<List<SagaResponse>>, ValidationProblem>> GetSagas(
        [AsParameters] PageRequest paging, [FromQuery] string? subject, [FromQuery] string? state, [FromQuery] string? type, AuthDbContext db,
        CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var sagas = db.Sagas.AsNoTracking();
        if (Guid.TryParse(subject, out var account))
            sagas = sagas.Where(saga => saga.Subject == account);
        else if (!string.IsNullOrEmpty(subject))
            errors["subject"] = ["This is no UUID."];
        if (Read<SagaState>("state", state, errors) is { } wantedState)
            sagas = sagas.Where(saga => saga.State == wantedState);
        if (Read<SagaType>("type", type, errors) is { } wantedType)
            sagas = sagas.Where(saga => saga.Type == wantedType);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var after = page.After is { Id: var last } ? sagas.Where(saga => saga.Id < last) : sagas;
        var rows = await after.OrderByDescending(saga => saga.Id).Take(page.Take).ToListAsync(cancel);

        return TypedResults.Ok(await page.CutAsync(rows.ConvertAll(SagaResponse.From), saga => new PageKey("", saga.Id), sagas, cancel));
    }

    /// <summary>Returns one saga.</summary>
    /// <param name="id">Saga id.</param>
    public static async Task<Results<Ok<SagaResponse>, NotFound>> GetSaga(Guid id, AuthDbContext db, CancellationToken cancel) =>
        await db.Sagas.AsNoTracking().SingleOrDefaultAsync(saga => saga.Id == id, cancel) is { } saga
            ? TypedResults.Ok(SagaResponse.From(saga))
            : TypedResults.NotFound();

    private static TEnum? Read<TEnum>(string field, string? value, Dictionary<string, string[]> errors)
        where TEnum : struct, Enum
    {
        if (string.IsNullOrEmpty(value))
            return null;
        foreach (var known in Enum.GetValues<TEnum>())
        {
            if (SagaResponse.Name(known) == value)
                return known;
        }

        errors[field] = [$"This is one of {string.Join(", ", Enum.GetValues<TEnum>().Select(SagaResponse.Name))}."];
        return null;
    }
}
