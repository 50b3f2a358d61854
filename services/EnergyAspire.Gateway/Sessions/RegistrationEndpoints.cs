using System.Net;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

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

/// <summary>An account that was registered.</summary>
/// <param name="User">The account.</param>
public sealed record RegistrationResponse(SessionUser User);

/// <summary>Registration for browsers: Identity answers with the new account's tokens, and they stay here.</summary>
public static class RegistrationEndpoints
{
    /// <summary>Maps <c>/session/register</c> and <c>/session/accounts</c>.</summary>
    public static void MapRegistration(this RouteGroupBuilder session)
    {
        Describe(session.MapPost("/register", Register)).WithName(nameof(Register));
        Describe(session.MapPost("/accounts", RegisterAccount)).WithName(nameof(RegisterAccount))
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);

        static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Registers an account and opens its session; answers when every service has it, or none.</summary>
    /// <remarks>
    /// As <c>POST /api/auth/register</c>, but the session is an HttpOnly cookie and no token reaches the browser. 409 when the username
    /// or the e-mail address is taken; 503 when a service stayed away and everything was undone.
    /// </remarks>
    public static async Task<Results<Created<SessionResponse>, IdentityAnswer>> Register(
        RegistrationRequest registration, IdentityClient identity, IOptions<GatewayOptions> options, TimeProvider time, HttpContext http,
        CancellationToken cancel)
    {
        var answer = await identity.RegisterAsync(registration, access: null, http, cancel);
        if (!answer.IsSuccessStatusCode)
            return new IdentityAnswer(answer);

        return TypedResults.Created((string?)null, await SessionEndpoints.OpenAsync(answer, options, time, http, cancel));
    }

    /// <summary>Registers an account for somebody else, as an admin; the session stays the caller's.</summary>
    /// <remarks>
    /// The role may be chosen. 409 when the username or the e-mail address is taken; 503 when a service stayed away and everything
    /// was undone: <c>saga_id</c> tells more to admins.
    /// </remarks>
    public static async Task<Results<Created<RegistrationResponse>, ProblemHttpResult, IdentityAnswer>> RegisterAccount(
        RegistrationRequest registration, IdentityClient identity, SessionRenewal renewal, HttpContext http, CancellationToken cancel)
    {
        if (await renewal.CurrentAsync(http) is not { } session)
            return Problems.SessionEnded();
        if (session.User.Role != Roles.Admin)
            return TypedResults.Problem("Only an administrator makes accounts for others.", statusCode: StatusCodes.Status403Forbidden);

        var answer = await identity.RegisterAsync(registration, session.Access, http, cancel);
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
            await http.SignOutAsync();
        if (!answer.IsSuccessStatusCode)
            return new IdentityAnswer(answer);

        // Nobody keeps the new account's tokens; its owner signs in.
        using (answer)
            return TypedResults.Created((string?)null, new RegistrationResponse((await IdentityClient.TokensOfAsync(answer, cancel)).User));
    }
}
