using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Request to change the caller's own password.</summary>
/// <param name="CurrentPassword">Current password.</param>
/// <param name="NewPassword">New password, at least 8 characters.</param>
public sealed record PasswordChangeRequest(string? CurrentPassword, string? NewPassword);

/// <summary>The endpoint by which a caller changes their own password.</summary>
public static class PasswordEndpoint
{
    /// <summary>Maps <c>/api/auth/me/password</c>.</summary>
    public static void MapPasswordChange(this IEndpointRouteBuilder routes) =>
        routes.MapPut("/api/auth/me/password", ChangePassword).WithTags("Accounts").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);

    /// <summary>Changes the caller's password. All earlier tokens become invalid, including the caller's: sign in again.</summary>
    /// <remarks>
    /// After five consecutive wrong current passwords no further one is checked for five minutes: 429. Failed sign-ins are not counted here.
    /// 409: another request has changed the password in the meantime.
    /// </remarks>
    /// <param name="change">Current and new password.</param>
    public static async Task<Results<NoContent, ValidationProblem, UnauthorizedHttpResult, ProblemHttpResult>> ChangePassword(
        PasswordChangeRequest change, CurrentUser caller, UserManager<Account> accounts, Passwords passwords, SignInFailures failures,
        AuthDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        if (await accounts.FindByIdAsync(caller.Id.ToString()) is not { State: AccountState.Active } account)
            return TypedResults.Unauthorized();
        if (string.IsNullOrEmpty(change.CurrentPassword))
            return Invalid("current_password", ["The current password is required."]);
        if (await Passwords.CheckAsync(accounts, account.UserName!, change.NewPassword ?? "") is { Length: > 0 } problems)
            return Invalid("new_password", problems);

        var name = account.NormalizedUserName!;
        if (await failures.LockedUntilAsync(name, SignInSource.OwnSession, cancel) is { } lockedUntil)
            return Locked(lockedUntil);
        if (!await passwords.VerifyAsync(account, change.CurrentPassword, cancel))
        {
            return await failures.CountAsync(name, SignInSource.OwnSession, cancel) is { CameTooLate: true, LockedUntil: { } until }
                ? Locked(until)
                : Invalid("current_password", ["The current password is wrong."]);
        }

        if (await failures.ForgetAsync(name, SignInSource.OwnSession, cancel) is { } lockedMeanwhile)
            return Locked(lockedMeanwhile);

        var hash = await passwords.HashAsync(change.NewPassword!, cancel);
        return await TryStoreAsync(account.Id, account.PasswordHash!, hash, db, http.Actor(), time.GetUtcNow(), cancel)
            ? TypedResults.NoContent()
            : TypedResults.Problem("The password has been changed meanwhile. Please sign in again.", statusCode: StatusCodes.Status409Conflict);

        ProblemHttpResult Locked(DateTimeOffset until) => new Lockout(until, ByAdmin: false).Answer(http.Response, time.GetUtcNow());
    }

    /// <returns>False when the account was deleted, or its password was changed after the check.</returns>
    private static async Task<bool> TryStoreAsync(
        Guid id, string checkedHash, string hash, AuthDbContext db, AuditActor actor, DateTimeOffset now, CancellationToken cancel)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockAccountAsync(id, cancel) is not { } account || account.PasswordHash != checkedHash)
            return false;

        account.PasswordHash = hash;
        account.TokenGeneration++;
        await db.RevokeTokensAsync(id, cancel);
        db.AnnounceUpdate(account, now);
        db.Audit(actor, "password_changed", now, id, after: AccountFacts.Of(account, passwordChanged: true));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return true;
    }

    private static ValidationProblem Invalid(string field, string[] problems) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = problems });
}
