using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>
/// Endpoints for the steps of Identity's sagas on replicas of accounts, and for undoing them. Each step is idempotent, and is refused after it
/// was undone.
/// </summary>
public static class UserSteps
{
    /// <summary>Maps the saga steps under <c>/internal/users</c>.</summary>
    public static void MapUserSteps(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/internal/users/{id:guid}").ExcludeFromDescription().RequireAuthorization(Policies.Saga);

        users.MapPut("/", ShowUser);
        users.MapDelete("/", DeleteUser);
        users.MapDelete("/rollback", UndoStep);
    }

    /// <summary>Creates or changes the replica of an account.</summary>
    public static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> ShowUser(
        Guid id, ReplicatedUser user, [FromHeader(Name = SagaSteps.Header)] string? saga, Work work, CancellationToken cancel)
    {
        var errors = Check(user);
        if (!TryReadSaga(saga, errors, out var sagaId) || errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        return await StepAsync(work, sagaId, id, async () =>
        {
            var before = await LockAsync(work.Db, id, cancel);
            var after = new UserReplica
            {
                Id = id,
                Username = user.Username!,
                Role = user.Role!,
                TokenGeneration = user.TokenGeneration ?? 0,
                Version = user.Version!.Value,
                IsDeleted = false,
                IsProvisional = before is null,
            };
            return await UserReplicas.Table.ShowAsync(work.Db, [after], cancel) is [_] ? new UserTrace(before, after.Version, []) : null;
        }, cancel);
    }

    /// <summary>Stores a tombstone of the account and unassigns its devices.</summary>
    public static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> DeleteUser(
        Guid id, [FromQuery] string? version, [FromHeader(Name = SagaSteps.Header)] string? saga, Work work, CancellationToken cancel)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var told = 0L;
        if (version is not null && (!long.TryParse(version, out told) || told < 0))
            errors["version"] = ["The version is a whole number from 0."];
        if (!TryReadSaga(saga, errors, out var sagaId) || errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        return await StepAsync(work, sagaId, id, async () =>
        {
            var before = await LockAsync(work.Db, id, cancel);
            if (before is { IsDeleted: true })
                return null;

            // Its version is higher than the account's last one, so that events that arrive late are ignored.
            var gone = Math.Max(told, (before?.Version ?? 0) + 1);
            await UserReplicas.Table.BuryAsync(work.Db, [(id, gone)], cancel);
            var mappings = await work.Db.LockMappingsOfUserAsync(id, cancel);
            work.TakeAway(mappings);

            return new UserTrace(before, gone, mappings.ConvertAll(mapping => mapping.DeviceId));
        }, cancel);
    }

    /// <summary>
    /// Undoes a saga's step: deletes a new replica, restores the values of a changed one, and restores a deleted one with its mappings.
    /// </summary>
    public static async Task<Results<NoContent, ValidationProblem>> UndoStep(
        Guid id, [FromHeader(Name = SagaSteps.Header)] string? saga, Work work, CancellationToken cancel)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (!TryReadSaga(saga, errors, out var sagaId))
            return TypedResults.ValidationProblem(errors);

        await using var transaction = await work.Db.Database.BeginTransactionAsync(cancel);
        if ((await work.Db.UndoStepAsync(sagaId, id, work.Now, cancel))?.Remembered<UserTrace>() is { } trace)
            await work.UndoAsync(id, trace, cancel);
        await work.Db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    /// <summary>Does a step once, and stores what undoing it needs.</summary>
    private static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> StepAsync(
        Work work, Guid sagaId, Guid subject, Func<Task<UserTrace?>> step, CancellationToken cancel)
    {
        await using var transaction = await work.Db.Database.BeginTransactionAsync(cancel);
        switch (await work.Db.BeginStepAsync(sagaId, subject, work.Now, cancel))
        {
            case SagaStepState.Undone:
                return TypedResults.Problem("The saga was undone.", statusCode: StatusCodes.Status409Conflict);
            case SagaStepState.Repeated:
                return TypedResults.NoContent();
        }

        if (await step() is { } trace)
            await work.Db.RememberAsync(sagaId, trace, cancel);
        await work.Db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.NoContent();
    }

    private static async Task<UserReplica?> LockAsync(DeviceDbContext db, Guid id, CancellationToken cancel) =>
        (await db.Users.FromSql($"select * from user_replicas where id = {id} for update").AsNoTracking().ToListAsync(cancel)).SingleOrDefault();

    private static Dictionary<string, string[]> Check(ReplicatedUser user)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(user.Username) || user.Username.Contains('\0'))
            errors["username"] = ["A username is needed."];
        if (user.Role is not (Roles.Admin or Roles.Client))
            errors["role"] = [$"The role is {Roles.Admin} or {Roles.Client}."];
        if (user.Version is not > 0)
            errors["version"] = ["The version is a whole number from 1."];
        if (user.TokenGeneration < 0)
            errors["token_generation"] = ["The token generation is not negative."];

        return errors;
    }

    private static bool TryReadSaga(string? header, Dictionary<string, string[]> errors, out Guid saga)
    {
        if (!Guid.TryParse(header, out saga))
            errors[SagaSteps.Header] = ["The header Saga-Id must be a UUID."];

        return errors.Count == 0;
    }
}
