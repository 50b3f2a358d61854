using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Asks for a new account.</summary>
/// <param name="Username">Sign-in name: letters, digits and <c>. _ - + @</c>, at most 150; unique in any case.</param>
/// <param name="Password">Password of at least 8 characters.</param>
/// <param name="Fname">First name.</param>
/// <param name="Lname">Last name.</param>
/// <param name="Email">E-mail address; unique where it is given.</param>
/// <param name="Phone">Phone number.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>; only an admin's wish has an effect.</param>
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
    /// Registering never grants a role; an admin who registers somebody may choose one. 409 when the username or the e-mail address
    /// is taken; 503 when a service stayed away and everything was undone: <c>saga_id</c> tells more to admins.
    /// </remarks>
    public static async Task<Results<SignInHttpResult, ValidationProblem, ProblemHttpResult, UnauthorizedHttpResult>> Register(
        HttpContext http, CurrentUser caller, UserManager<Account> accounts, Passwords passwords, SagaCoordinator sagas, AuthDbContext db,
        CancellationToken cancel)
    {
        // A token that doesn't count must not turn an admin's wish for an admin into a client without a word.
        if (http.Request.Headers.Authorization.Count > 0 && caller.Id == Guid.Empty)
            return TypedResults.Unauthorized();

        var request = http.Features.Get<RegistrationRequest>() ?? throw new InvalidOperationException("The token endpoint has not read the request.");
        var errors = await CheckAsync(request, caller, accounts);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var normalized = Usernames.Normalize(request.Username);
        if (await db.Accounts.AnyAsync(account => account.NormalizedUserName == normalized, cancel))
            return Usernames.Taken.Answer();

        var role = caller.IsAdmin ? request.Role ?? Roles.Client : Roles.Client;
        var hash = await passwords.HashAsync(request.Password, cancel);
        var data = new RegistrationData(request.Username, hash, role, request.Fname, request.Lname, request.Email, request.Phone);
        var saga = await sagas.RunAsync(
            new SagaOrder(SagaType.Registration, Guid.CreateVersion7(), request.Username, data, http.Actor()), cancel);
        if (saga.State != SagaState.Completed)
            return saga.Problem();

        return TokenExchange.Grant((await accounts.FindByIdAsync(saga.Subject.ToString()))!);
    }

    private static async Task<Dictionary<string, string[]>> CheckAsync(RegistrationRequest request, CurrentUser caller, UserManager<Account> accounts)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (Usernames.Check(request.Username) is { } problem)
            errors["username"] = [problem];
        if (await Passwords.CheckAsync(accounts, request.Username, request.Password) is { Length: > 0 } problems)
            errors["password"] = problems;
        if (caller.IsAdmin && request.Role is not (null or Roles.Admin or Roles.Client))
            errors["role"] = ["The role is admin or client."];

        return errors;
    }
}
