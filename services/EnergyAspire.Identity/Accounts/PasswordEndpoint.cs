using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Changes the caller's own password.</summary>
/// <param name="CurrentPassword">Password as it is.</param>
/// <param name="NewPassword">Password as it shall be, at least 8 characters.</param>
public sealed record PasswordChangeRequest(string? CurrentPassword, string? NewPassword);

/// <summary>Changing one's own password.</summary>
public static class PasswordEndpoint
{
    /// <summary>Maps <c>/api/auth/me/password</c>.</summary>
    public static void MapPasswordChange(this IEndpointRouteBuilder routes) =>
        routes.MapPut("/api/auth/me/password", ChangePassword).WithTags("Accounts").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);

    /// <summary>Changes the caller's password. Every token from before, the caller's too, becomes worthless: sign in again.</summary>
    /// <remarks>Wrong current passwords count as failed sign-ins: after five in a row the username is locked for five minutes, 429.</remarks>
    /// <param name="change">The passwords.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="accounts">Rules of accounts.</param>
    /// <param name="passwords">Hashing.</param>
    /// <param name="failures">Failed attempts.</param>
    /// <param name="db">Accounts.</param>
    /// <param name="time">Clock.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
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

        var attempt = await failures.BeginAsync(account.NormalizedUserName!, cancel);
        if (!attempt.IsAllowed)
            return new Lockout(attempt.LockedUntil, ByAdmin: false).Answer(http.Response, time.GetUtcNow());
        if (!await passwords.VerifyAsync(account, change.CurrentPassword, cancel))
            return Invalid("current_password", ["The current password is wrong."]);

        await failures.ClearAsync(account.NormalizedUserName!, cancel);
        await StoreAsync(account.Id, await passwords.HashAsync(change.NewPassword!, cancel), db, http.Actor(), time.GetUtcNow(), cancel);

        return TypedResults.NoContent();
    }

    private static async Task StoreAsync(Guid id, string hash, AuthDbContext db, AuditActor actor, DateTimeOffset now, CancellationToken cancel)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockAccountAsync(id, cancel) is { } account)
        {
            account.PasswordHash = hash;
            account.TokenGeneration++;
            await db.RevokeTokensAsync(id, cancel);
            db.AnnounceUpdate(account, now);
            db.Audit(actor, "password_changed", now, id, after: AccountFacts.Of(account, passwordChanged: true));
            await db.SaveChangesAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
    }

    private static ValidationProblem Invalid(string field, string[] problems) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = problems });
}
