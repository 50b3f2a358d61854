using System.Net;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Response to a registration for another person.</summary>
/// <param name="User">The account.</param>
public sealed record RegistrationResponse(TokenUser User);

/// <summary>Registration for browsers. Identity returns tokens of the new account, which are not passed on to the browser.</summary>
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

    /// <summary>Registers an account and opens its session. The response is sent when all services have the account, or none has it.</summary>
    /// <remarks>
    /// Like <c>POST /api/auth/register</c>, but the session is an HttpOnly cookie, and the browser gets no token. 409: the username or the
    /// e-mail address is taken. 503: a service was unavailable, and the registration is undone.
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

    /// <summary>Registers an account for another person; for admins. The session remains that of the caller.</summary>
    /// <remarks>
    /// The role can be chosen. 409: the username or the e-mail address is taken. 503: a service was unavailable, and the registration is
    /// undone; admins find details by <c>saga_id</c>.
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

        // The new account's tokens are discarded; its owner signs in.
        using (answer)
            return TypedResults.Created((string?)null, new RegistrationResponse((await IdentityClient.TokensOfAsync(answer, cancel)).User));
    }
}
