using EnergyAspire.Api.Names;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>The registration endpoint: runs the saga, then returns tokens like the token endpoint.</summary>
public static class RegistrationEndpoint
{
    /// <summary>Maps <c>/api/auth/register</c>.</summary>
    public static void MapRegistration(this IEndpointRouteBuilder routes) =>
        routes.MapPost(TokenEndpoints.RegisterPath, Register).WithTags("Accounts").AllowAnonymous()
            .Accepts<RegistrationRequest>("application/json")
            .Produces<LoginResponse>(StatusCodes.Status201Created)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Registers an account and signs it in. The response is sent when all services have the account, or none has it.</summary>
    /// <remarks>
    /// Only an admin may assign the role <c>admin</c>; for other callers it is an error. 409: the username or the e-mail address is taken.
    /// 503: a service was unavailable, and the registration is undone; admins find details by <c>saga_id</c>.
    /// </remarks>
    public static async Task<Results<SignInHttpResult, ValidationProblem, ProblemHttpResult, UnauthorizedHttpResult>> Register(
        HttpContext http, CurrentUser caller, UserManager<Account> accounts, Passwords passwords, SagaCoordinator sagas, KnownBrowsers browsers,
        AuthDbContext db, CancellationToken cancel)
    {
        // An invalid token is an error. Otherwise an admin whose token has expired would get a client instead of the requested admin.
        if (http.Request.Headers.Authorization.Count > 0 && caller.Id == Guid.Empty)
            return TypedResults.Unauthorized();

        var request = http.Features.Get<RegistrationRequest>() ?? throw new InvalidOperationException("The token endpoint has not read the request.");
        var username = Usernames.Read(request.Username);
        var errors = await CheckAsync(username, request, caller, accounts);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var key = Usernames.Key(username.Value);
        if (await db.Accounts.AnyAsync(account => account.NormalizedUserName == key, cancel))
            return UsernameTaken.Refusal.Answer();

        var role = caller.IsAdmin ? request.Role ?? Roles.Client : Roles.Client;
        var hash = await passwords.HashAsync(request.Password, cancel);
        var data = new RegistrationData(username.Value, hash, role, request.Fname, request.Lname, request.Email, request.Phone);
        var saga = await sagas.RunAsync(
            new SagaOrder(SagaType.Registration, Guid.CreateVersion7(), username.Value, data, http.Actor()), cancel);
        if (saga.State != SagaState.Completed)
            return saga.Problem();

        var account = (await accounts.FindByIdAsync(saga.Subject.ToString()))!;
        if (caller.Id == Guid.Empty)
            browsers.Remember(http, account);

        return TokenExchange.Grant(account);
    }

    private static async Task<Dictionary<string, string[]>> CheckAsync(
        CheckedName username, RegistrationRequest request, CurrentUser caller, UserManager<Account> accounts)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (username.Error is { } problem)
            errors["username"] = [problem];
        if (await Passwords.CheckAsync(accounts, username.Value, request.Password) is { Length: > 0 } problems)
            errors["password"] = problems;
        if (request.Role is not (null or Roles.Admin or Roles.Client))
            errors["role"] = ["The role is admin or client."];
        else if (request.Role == Roles.Admin && !caller.IsAdmin)
            errors["role"] = ["Only an administrator may give this role."];

        return errors;
    }
}
