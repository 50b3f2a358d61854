using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Names;
using EnergyAspire.ServiceDefaults.Versions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Changes an account and its profile; what is absent or null stays as it is, an empty text clears a profile's field.</summary>
/// <param name="Username">New sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>; a change makes earlier access tokens worthless.</param>
/// <param name="Password">New password; makes earlier tokens worthless.</param>
/// <param name="Fname">First name.</param>
/// <param name="Lname">Last name.</param>
/// <param name="Email">E-mail address.</param>
/// <param name="Phone">Phone number.</param>
public sealed record AccountUpdateRequest(
    string? Username = null, string? Role = null, string? Password = null, string? Fname = null, string? Lname = null, string? Email = null,
    string? Phone = null);

/// <summary>Answer to a change of an account.</summary>
/// <param name="Message">What happened, in words.</param>
/// <param name="User">The account as it is now.</param>
public sealed record AccountUpdateResponse(string Message, AccountResponse User);

/// <summary>Changing and deleting accounts: the sagas that Users and Devices take part in.</summary>
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

    /// <summary>Changes username, role, password and profile together, or nothing.</summary>
    /// <remarks>
    /// 409 when the username or the e-mail address is taken, when the last admin would be demoted, or while another change of the
    /// account is under way; 503 when a service stayed away and everything was undone. <c>If-Match</c> guards against changing what
    /// somebody else has changed.
    /// </remarks>
    /// <param name="id">Account id.</param>
    /// <param name="change">What to change.</param>
    /// <param name="db">Accounts.</param>
    /// <param name="accounts">Rules of accounts.</param>
    /// <param name="passwords">Hashing.</param>
    /// <param name="sagas">Sagas.</param>
    /// <param name="time">Clock.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<AccountUpdateResponse>, ValidationProblem, NotFound, ProblemHttpResult>> UpdateAccount(
        Guid id, AccountUpdateRequest change, AuthDbContext db, UserManager<Account> accounts, Passwords passwords, SagaCoordinator sagas,
        TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id && a.State != AccountState.Registering, cancel);
        if (account is null)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(account.Version))
            return EntityTags.Outdated();

        // A name from before there were rules stays valid; who sends it again wants no other.
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

    /// <summary>Deletes an account everywhere, with its profile and its mappings, or nowhere.</summary>
    /// <remarks>
    /// 409 for the last admin, or while another change of the account is under way; 503 when a service stayed away and everything was
    /// undone. Sign-in stops first, and all tokens of the account become worthless.
    /// </remarks>
    /// <param name="id">Account id.</param>
    /// <param name="db">Accounts.</param>
    /// <param name="sagas">Sagas.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
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

    /// <returns>Null when the saga completed, else the answer for the caller.</returns>
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
