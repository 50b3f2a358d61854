using EnergyAspire.Api.Names;
using EnergyAspire.Api.Versions;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Changes of an account and its profile. An absent or null field keeps its value; an empty text clears a field of the profile.</summary>
/// <param name="Username">New sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>. A change invalidates earlier access tokens.</param>
/// <param name="Password">New password. It invalidates all earlier tokens.</param>
/// <param name="Fname">First name.</param>
/// <param name="Lname">Last name.</param>
/// <param name="Email">E-mail address.</param>
/// <param name="Phone">Phone number.</param>
public sealed record AccountUpdateRequest(
    string? Username = null, string? Role = null, string? Password = null, string? Fname = null, string? Lname = null, string? Email = null,
    string? Phone = null);

/// <summary>Response to a change of an account.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="User">The changed account.</param>
public sealed record AccountUpdateResponse(string Message, AccountResponse User);

/// <summary>Endpoints that change and delete accounts by sagas with Users and Devices.</summary>
public static class AccountChangeEndpoints
{
    /// <summary>Maps changes of <c>/api/auth/users/{id}</c>.</summary>
    public static void MapAccountChanges(this IEndpointRouteBuilder routes)
    {
        var accounts = routes.MapGroup("/api/auth/users/{id:guid}").WithTags("Accounts").RequireAuthorization(Policies.Admin)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        accounts.MapPut("/", UpdateAccount);
        accounts.MapDelete("/", DeleteAccount);
    }

    /// <summary>Changes username, role, password and profile in all services, or in none.</summary>
    /// <remarks>
    /// 409: the username or the e-mail address is taken, the last admin would be demoted, or another change of the account is in progress.
    /// 503: a service was unavailable, and all changes are undone. With <c>If-Match</c> the account is changed only if it still has that
    /// version; otherwise 412.
    /// </remarks>
    /// <param name="id">Account id.</param>
    /// <param name="change">Fields to change.</param>
    public static async Task<Results<Ok<AccountUpdateResponse>, ValidationProblem, NotFound, ProblemHttpResult>> UpdateAccount(
        Guid id, AccountUpdateRequest change, AuthDbContext db, UserManager<Account> accounts, Passwords passwords, SagaCoordinator sagas,
        TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id && a.State != AccountState.Registering, cancel);
        if (account is null)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(account.Version))
            return EntityTags.Outdated();

        // An unchanged name isn't validated: it may be older than the rules for names.
        if (change.Username == account.UserName)
            change = change with { Username = null };
        var username = change.Username is null ? (CheckedName?)null : Usernames.Read(change.Username);
        if (await CheckAsync(change, username, account, accounts) is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors);
        if (username is { Value: var wanted } && await IsTakenAsync(db, wanted, id, cancel))
            return UsernameTaken.Refusal.Answer();

        if (change != new AccountUpdateRequest())
        {
            var hash = change.Password is null ? null : await passwords.HashAsync(change.Password, cancel);
            var data = new UpdateData(
                username?.Value, hash, change.Role, change.Fname, change.Lname, change.Email, change.Phone, http.Request.ExpectedVersion(account.Version));
            if (await RunAsync(sagas, new SagaOrder(SagaType.Update, id, account.UserName!, data, http.Actor()), cancel) is { } problem)
                return problem;
        }

        var changed = await db.Accounts.Where(a => a.Id == id).Select(AccountResponse.FromAccount(db, time.GetUtcNow())).SingleOrDefaultAsync(cancel);
        if (changed is null)
            return TypedResults.NotFound();

        http.Response.SetVersion(changed.Version);
        return TypedResults.Ok(new AccountUpdateResponse("The account is changed.", changed));
    }

    /// <summary>Deletes an account with its profile and its mappings in all services, or in none.</summary>
    /// <remarks>
    /// 409: the account is the last admin, or another change of it is in progress. 503: a service was unavailable, and the deletion is
    /// undone. Sign-in is disabled first, and all tokens of the account become invalid.
    /// </remarks>
    /// <param name="id">Account id.</param>
    public static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAccount(
        Guid id, AuthDbContext db, SagaCoordinator sagas, HttpContext http, CancellationToken cancel)
    {
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id && a.State != AccountState.Registering, cancel);
        if (account is null)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(account.Version))
            return EntityTags.Outdated();

        var data = new DeletionData(Version: null, http.Request.ExpectedVersion(account.Version));
        return await RunAsync(sagas, new SagaOrder(SagaType.Deletion, id, account.UserName!, data, http.Actor()), cancel) is { } problem
            ? problem
            : TypedResults.NoContent();
    }

    /// <returns>Null when the saga completed, otherwise the problem to answer with.</returns>
    private static async Task<ProblemHttpResult?> RunAsync(SagaCoordinator sagas, SagaOrder order, CancellationToken cancel)
    {
        try
        {
            var saga = await sagas.RunAsync(order, cancel);
            return saga.State == SagaState.Completed ? null : saga.Problem();
        }
        catch (SagaRefusedException refused)
        {
            return refused.Refusal.Answer();
        }
    }

    private static async Task<Dictionary<string, string[]>> CheckAsync(
        AccountUpdateRequest change, CheckedName? username, Account account, UserManager<Account> accounts)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (username?.Error is { } problem)
            errors["username"] = [problem];
        if (change.Role is not (null or Roles.Admin or Roles.Client))
            errors["role"] = ["The role is admin or client."];
        if (change.Password is { } password
            && await Passwords.CheckAsync(accounts, username?.Value ?? account.UserName!, password) is { Length: > 0 } problems)
            errors["password"] = problems;

        return errors;
    }

    private static Task<bool> IsTakenAsync(AuthDbContext db, string username, Guid id, CancellationToken cancel)
    {
        var normalized = Usernames.Key(username);
        return db.Accounts.AnyAsync(account => account.NormalizedUserName == normalized && account.Id != id, cancel);
    }
}
