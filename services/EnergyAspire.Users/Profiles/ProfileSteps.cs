using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Profiles;

/// <summary>
/// Endpoints for the steps of Identity's sagas on profiles, and for undoing them. Each step is idempotent, and is refused after it was undone.
/// </summary>
public static class ProfileSteps
{
    /// <summary>Maps the saga steps under <c>/api/users</c> and <c>/internal/users</c>.</summary>
    public static void MapProfileSteps(this IEndpointRouteBuilder routes)
    {
        var steps = routes.MapGroup("/api/users").WithTags("Users").RequireAuthorization(Policies.Saga);
        steps.MapPost("/", CreateProfile).ProducesProblem(StatusCodes.Status409Conflict);
        steps.MapDelete("/{id:guid}/rollback", UndoStep);

        var inside = routes.MapGroup("/internal/users").ExcludeFromDescription().RequireAuthorization(Policies.Saga);
        inside.MapPut("/{id:guid}", ChangeProfile);
        inside.MapDelete("/{id:guid}", DeleteProfile);
    }

    /// <summary>Creates the profile of a new account; a step of the registration saga.</summary>
    /// <remarks>For services only. Idempotent: a repeated request gets the same response and has no further effect.</remarks>
    /// <param name="saga" example="01998a50-0000-7000-8000-000000000001">Id of the saga, a UUID; by default the account's id.</param>
    /// <param name="profile" example='{"id":"00000000-0000-7000-8000-0000000000a1","username":"alice","role":"client","fname":"Alice","lname":"Bergmann","email":"alice@example.com","phone":"+49 30 5550101","token_generation":1}'>Profile.</param>
    /// <response code="201">The new profile.</response>
    /// <response code="409">The e-mail address or the id is taken, and <c>errors</c> names the field; or the saga was undone.</response>
    public static async Task<Results<Created<ProfileResponse>, ValidationProblem, ProblemHttpResult>> CreateProfile(
        NewProfile profile, [FromHeader(Name = SagaSteps.Header)] string? saga, [AsParameters] ProfileStep step, CancellationToken cancel)
    {
        var values = ProfileFields.Read(profile.Sent(), out var errors);
        if (profile.Id == Guid.Empty)
            errors["id"] = ["The id is a UUID other than zero."];
        if (profile.TokenGeneration < 0)
            errors["token_generation"] = ["The token generation is not negative."];
        if (!TryReadSaga(saga, profile.Id, errors, out var sagaId))
            return TypedResults.ValidationProblem(errors);

        await using var transaction = await step.Db.Database.BeginTransactionAsync(cancel);
        switch (await step.Db.BeginStepAsync(sagaId, profile.Id, step.Now, cancel))
        {
            case SagaStepState.Undone:
                return Undone();
            case SagaStepState.Repeated:
                return await step.FindAsync(profile.Id, cancel) is { } made ? Created(made) : IdTaken();
        }

        if (await step.Db.Accounts.AnyAsync(account => account.Id == profile.Id && account.IsDeleted, cancel))
            return IdTaken();

        var created = new Profile { Id = profile.Id, Username = "", Role = "", CreatedAt = step.Now, UpdatedAt = step.Now };
        created.Apply(values);
        step.Db.Add(created);
        step.Audit("profile_created", profile.Id, after: ProfileFields.ValuesOf(created));
        if (await step.Db.SaveUnlessTakenAsync(created, cancel) is { } taken)
            return taken;

        await step.Db.Database.ExecuteSqlAsync($"""
            insert into accounts (id, token_generation, version, is_deleted) values ({profile.Id}, {profile.TokenGeneration ?? 0}, 0, false)
            on conflict do nothing
            """, cancel);
        await step.Db.RememberAsync(sagaId, new StepTrace(profile.Id, StepKind.Created), cancel);
        await transaction.CommitAsync(cancel);

        return Created(created);
    }

    /// <summary>Changes a profile; a step of the update saga.</summary>
    public static async Task<Results<Ok<ProfileResponse>, ValidationProblem, NotFound, ProblemHttpResult>> ChangeProfile(
        Guid id, AccountChange change, [FromHeader(Name = SagaSteps.Header)] string? saga, [AsParameters] ProfileStep step, CancellationToken cancel)
    {
        var values = ProfileFields.Read(change.Sent(), out var errors);
        if (!TryReadSaga(saga, null, errors, out var sagaId))
            return TypedResults.ValidationProblem(errors);

        await using var transaction = await step.Db.Database.BeginTransactionAsync(cancel);
        var state = await step.Db.BeginStepAsync(sagaId, id, step.Now, cancel);
        if (state == SagaStepState.Undone)
            return Undone();
        if (await step.Db.LockAsync(id, cancel) is not { DeletedAt: null } profile)
            return TypedResults.NotFound();
        if (state == SagaStepState.Repeated)
            return TypedResults.Ok(ProfileResponse.From(profile));

        var edit = profile.Apply(values);
        if (!edit.IsNothing)
        {
            profile.Touch(step.Now);
            step.Audit("profile_updated", id, edit.Before, edit.After);
            if (await step.Db.SaveUnlessTakenAsync(profile, cancel) is { } taken)
                return taken;
            if (edit.Before.GetValueOrDefault("email") is { Length: > 0 } email)
                await step.Db.HoldEmailAsync(id, email, cancel);
        }

        await step.Db.RememberAsync(sagaId, new StepTrace(id, StepKind.Updated, edit), cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.Ok(ProfileResponse.From(profile));
    }

    /// <summary>Hides a profile; a step of the deletion saga. The event <c>user_deleted</c> deletes the row.</summary>
    public static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> DeleteProfile(
        Guid id, [FromHeader(Name = SagaSteps.Header)] string? saga, [AsParameters] ProfileStep step, CancellationToken cancel)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (!TryReadSaga(saga, null, errors, out var sagaId))
            return TypedResults.ValidationProblem(errors);

        await using var transaction = await step.Db.Database.BeginTransactionAsync(cancel);
        switch (await step.Db.BeginStepAsync(sagaId, id, step.Now, cancel))
        {
            case SagaStepState.Undone:
                return Undone();
            case SagaStepState.Repeated:
                return TypedResults.NoContent();
        }

        // A profile that is hidden already was not hidden by this saga, so undoing this step must not restore it.
        if (await step.Db.LockAsync(id, cancel) is { DeletedAt: null } profile)
        {
            profile.DeletedAt = step.Now;
            profile.Touch(step.Now);
            step.Audit("profile_deleted", id);
            await step.Db.SaveChangesAsync(cancel);
            await step.Db.RememberAsync(sagaId, new StepTrace(id, StepKind.Deleted), cancel);
        }

        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    /// <summary>Undoes a saga's step on a profile: deletes a new profile, restores the values of a changed one, or restores a deleted one.</summary>
    /// <remarks>For services only. Returns 204 also when there is nothing to undo. In any case the step is refused from then on.</remarks>
    /// <param name="id" example="00000000-0000-7000-8000-0000000000a1">Account id.</param>
    /// <param name="saga" example="01998a50-0000-7000-8000-000000000001">Id of the saga, a UUID; by default the account's id.</param>
    /// <response code="204">The step is undone or was never done, and is refused from now on.</response>
    public static async Task<Results<NoContent, ValidationProblem>> UndoStep(
        Guid id, [FromHeader(Name = SagaSteps.Header)] string? saga, [AsParameters] ProfileStep step, CancellationToken cancel)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (!TryReadSaga(saga, id, errors, out var sagaId))
            return TypedResults.ValidationProblem(errors);

        await using var transaction = await step.Db.Database.BeginTransactionAsync(cancel);
        var undone = await step.Db.UndoStepAsync(sagaId, id, step.Now, cancel);
        if (undone?.Remembered<StepTrace>() is { } trace)
            await step.UndoAsync(trace, cancel);

        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    private static bool TryReadSaga(string? header, Guid? otherwise, Dictionary<string, string[]> errors, out Guid saga)
    {
        saga = otherwise ?? Guid.Empty;
        if (header is null ? otherwise is null : !Guid.TryParse(header, out saga))
            errors[SagaSteps.Header] = ["The header Saga-Id must be a UUID."];

        return errors.Count == 0;
    }

    private static Created<ProfileResponse> Created(Profile profile) =>
        TypedResults.Created($"/api/users/{profile.Id}", ProfileResponse.From(profile));

    private static ProblemHttpResult IdTaken() => ProfileStore.Taken("id", "An account with this id exists or existed.");

    private static ProblemHttpResult Undone() =>
        TypedResults.Problem("The saga was undone.", statusCode: StatusCodes.Status409Conflict);
}
