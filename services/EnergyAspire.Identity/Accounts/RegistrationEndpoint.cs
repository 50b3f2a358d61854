using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Names;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Asks for a new account.</summary>
/// <param name="Username">Sign-in name: letters of one script, digits and <c>. _ - + @</c>, at most 150; unique in any case.</param>
/// <param name="Password">Password of at least 8 characters.</param>
/// <param name="Fname">First name.</param>
/// <param name="Lname">Last name.</param>
/// <param name="Email">E-mail address; unique where it is given.</param>
/// <param name="Phone">Phone number.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>; only an admin may ask for <c>admin</c>.</param>
public sealed record RegistrationRequest(
    string Username, string Password, string? Fname = null, string? Lname = null, string? Email = null, string? Phone = null, string? Role = null);

/// <summary>Registration: the saga, and then the token endpoint's answer.</summary>
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

    /// <summary>Registers an account and signs it in; answers when every service has it, or none.</summary>
    /// <remarks>
    /// Only an admin who registers somebody may choose the role admin; to others it is refused. 409 when the username or the e-mail address
    /// is taken; 503 when a service stayed away and everything was undone: <c>saga_id</c> tells more to admins.
    /// </remarks>
    public static async Task<Results<SignInHttpResult, ValidationProblem, ProblemHttpResult, UnauthorizedHttpResult>> Register(
        HttpContext http, CurrentUser caller, UserManager<Account> accounts, Passwords passwords, SagaCoordinator sagas, KnownBrowsers browsers,
        AuthDbContext db, CancellationToken cancel)
    {
        // A token that doesn't count must not turn an admin's wish for an admin into a client without a word.
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
