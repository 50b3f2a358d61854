using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>An account as a saga tells of it.</summary>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Version">Version of the account.</param>
/// <param name="TokenGeneration">Access tokens of an earlier generation are worthless.</param>
public sealed record UserCopy(string? Username = null, string? Role = null, long? Version = null, long? TokenGeneration = null);

/// <summary>What Identity's sagas do to copies of accounts, and undo. Each step happens once, however often it is asked for, and never after it was undone.</summary>
public static class UserSteps
{
    /// <summary>Maps the saga steps under <c>/internal/users</c>.</summary>
    public static void MapUserSteps(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/internal/users/{id:guid}").ExcludeFromDescription().RequireAuthorization(Policies.Saga);

        users.MapPut("/", CopyUser);
        users.MapDelete("/", DeleteUser);
        users.MapDelete("/rollback", UndoStep);
    }

    /// <summary>Makes or changes the copy of an account.</summary>
    public static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> CopyUser(
        Guid id, UserCopy copy, [FromHeader(Name = SagaSteps.Header)] string? saga, Work work, CancellationToken cancel)
    {
        var errors = Check(copy);
        if (!TryReadSaga(saga, errors, out var sagaId) || errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        return await StepAsync(work, sagaId, id, async () =>
        {
            var before = await LockAsync(work.Db, id, cancel);
            var after = new UserReplica
            {
                Id = id,
                Username = copy.Username!,
                Role = copy.Role!,
                TokenGeneration = copy.TokenGeneration ?? 0,
                Version = copy.Version!.Value,
                IsDeleted = false,
                IsProvisional = before is null,
            };
            return await UserReplicas.UpsertAsync(work.Db, after, cancel) ? new UserTrace(before, after.Version, []) : null;
        }, cancel);
    }

    /// <summary>Leaves a tombstone of the account and takes away what is assigned to it.</summary>
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
            var tombstone = UserReplicas.Tombstone(id, Math.Max(told, (before?.Version ?? 0) + 1));
            await UserReplicas.UpsertAsync(work.Db, tombstone, cancel);
            var mappings = await work.Db.LockMappingsOfUserAsync(id, cancel);
            work.TakeAway(mappings);

            return new UserTrace(before, tombstone.Version, mappings.ConvertAll(mapping => mapping.DeviceId));
        }, cancel);
    }

    /// <summary>Undoes what the step of a saga did: a new copy goes, a changed one gets its values back, a deleted one comes back with what was taken away.</summary>
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

    /// <summary>Does a step once, and keeps what undoing it will need.</summary>
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

    private static Dictionary<string, string[]> Check(UserCopy copy)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(copy.Username) || copy.Username.Contains('\0'))
            errors["username"] = ["A username is needed."];
        if (copy.Role is not (Roles.Admin or Roles.Client))
            errors["role"] = [$"The role is {Roles.Admin} or {Roles.Client}."];
        if (copy.Version is not > 0)
            errors["version"] = ["The version is a whole number from 1."];
        if (copy.TokenGeneration < 0)
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
