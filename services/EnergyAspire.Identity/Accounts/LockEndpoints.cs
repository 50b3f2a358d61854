using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Request to lock an account.</summary>
/// <param name="Until">End of the lock. Without it the lock lasts until an admin unlocks the account.</param>
public sealed record LockRequest(DateTimeOffset? Until = null);

/// <summary>Endpoints that lock and unlock accounts.</summary>
public static class LockEndpoints
{
    /// <summary>Maps <c>/api/auth/users/{id}/lock</c>.</summary>
    public static void MapLocks(this IEndpointRouteBuilder routes)
    {
        var locks = routes.MapGroup("/api/auth/users/{id:guid}/lock").WithTags("Accounts").RequireAuthorization(Policies.Admin)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);

        locks.MapPut("/", LockAccount).ProducesProblem(StatusCodes.Status409Conflict);
        locks.MapDelete("/", UnlockAccount);
    }

    /// <summary>Locks an account: sign-in is refused, and its tokens become invalid.</summary>
    /// <remarks>409: the account is the last admin.</remarks>
    /// <param name="id">Account id.</param>
    /// <param name="request">End of the lock.</param>
    public static async Task<Results<Ok<AccountResponse>, ValidationProblem, NotFound, ProblemHttpResult>> LockAccount(
        Guid id, LockRequest? request, AuthDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        var until = Lockout.End(request?.Until);
        if (until <= time.GetUtcNow())
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["until"] = ["The time must be in the future."] });

        try
        {
            return await ChangeAsync(id, until, db, time, http, cancel) is { } account ? TypedResults.Ok(account) : TypedResults.NotFound();
        }
        catch (SagaRefusedException refused)
        {
            return refused.Refusal.Answer();
        }
    }

    /// <summary>Unlocks an account. This also ends its locks after failed sign-ins.</summary>
    /// <param name="id">Account id.</param>
    public static async Task<Results<Ok<AccountResponse>, NotFound>> UnlockAccount(
        Guid id, AuthDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel) =>
        await ChangeAsync(id, lockedUntil: null, db, time, http, cancel) is { } account ? TypedResults.Ok(account) : TypedResults.NotFound();

    private static async Task<AccountResponse?> ChangeAsync(
        Guid id, DateTimeOffset? lockedUntil, AuthDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (lockedUntil is not null)
            await db.RequireOtherAdminAsync(id, now, cancel);
        if (await db.LockAccountAsync(id, cancel) is not { } account)
            return null;

        var before = AccountFacts.Of(account);
        account.LockedUntil = lockedUntil;
        if (lockedUntil is not null)
        {
            account.TokenGeneration++;
            db.AnnounceUpdate(account, now);
        }
        else
        {
            await db.SignInFailures.Where(failure => failure.NormalizedUsername == account.NormalizedUserName).ExecuteDeleteAsync(cancel);
        }

        db.Audit(http.Actor(), lockedUntil is null ? "account_unlocked" : "account_locked", now, id, before: before, after: AccountFacts.Of(account));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return await db.Accounts.Where(a => a.Id == id).Select(AccountResponse.FromAccount(db, now)).SingleAsync(cancel);
    }
}
