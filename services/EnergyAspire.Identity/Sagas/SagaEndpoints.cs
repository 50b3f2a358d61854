using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Sagas;

/// <summary>A saga as the API shows it.</summary>
/// <param name="Id">Saga id.</param>
/// <param name="Type"><c>registration</c>, <c>update</c> or <c>deletion</c>.</param>
/// <param name="Subject">Account that it is about.</param>
/// <param name="Username">Username of the account.</param>
/// <param name="State"><c>running</c>, <c>compensating</c>, <c>completed</c> or <c>rolled_back</c>.</param>
/// <param name="Steps">Its steps in the order in which they are done; they are undone in the reverse order.</param>
/// <param name="Attempts">Tries of steps and compensations so far.</param>
/// <param name="LastError">What last went wrong; null when nothing did.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Deadline">Until when failing steps are tried again before everything is undone.</param>
/// <param name="NextAttemptAt">When the next try is due; null when it has ended.</param>
/// <param name="FinishedAt">When it ended; null while it hasn't.</param>
/// <param name="ActorId">Account that asked for it; null when nobody was signed in.</param>
/// <param name="Actor">Name of who asked for it.</param>
/// <param name="TraceId">Trace that all its steps belong to.</param>
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
/// <param name="Attempts">Tries to do it.</param>
/// <param name="UndoAttempts">Tries to undo it.</param>
/// <param name="Error">What last went wrong with it.</param>
/// <param name="StartedAt">When it was first tried.</param>
/// <param name="EndedAt">When it was done, refused or undone.</param>
public sealed record SagaStepResponse(
    string Name, string State, int Attempts, int UndoAttempts, string? Error, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt)
{
    internal static SagaStepResponse From(StepProgress step) => new(
        step.Name, SagaResponse.Name(step.State), step.Attempts, step.UndoAttempts, step.Error, step.StartedAt, step.EndedAt);
}

/// <summary>Watching sagas.</summary>
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

    /// <summary>Lists the changes that several services made together, or not at all, the newest first.</summary>
    /// <param name="paging">Which page.</param>
    /// <param name="subject">Only those about this account.</param>
    /// <param name="state">Only those in this state: <c>running</c>, <c>compensating</c>, <c>completed</c> or <c>rolled_back</c>.</param>
    /// <param name="type">Only those of this type: <c>registration</c>, <c>update</c> or <c>deletion</c>.</param>
    /// <param name="db">Sagas.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
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
    /// <param name="db">Sagas.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
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
