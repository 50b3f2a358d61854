using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Signs in.</summary>
/// <param name="Username">Sign-in name.</param>
/// <param name="Password">Password.</param>
public sealed record SignInRequest(string Username, string Password);

/// <summary>An open session.</summary>
/// <param name="User">Whose it is.</param>
public sealed record SessionResponse(SessionUser User);

/// <summary>Whose session the cookie holds.</summary>
/// <param name="User">Account; null when nobody is signed in.</param>
public sealed record CurrentSessionResponse(SessionUser? User);

/// <summary>Where else there is something to see.</summary>
/// <param name="Dashboard">Address of the dashboard with logs, traces and metrics; null when there is none for the caller.</param>
public sealed record SessionLinksResponse(Uri? Dashboard);

/// <summary>Browser sessions: sign-in without a token in the browser.</summary>
public static class SessionEndpoints
{
    /// <summary>Maps <c>/session</c>.</summary>
    public static RouteGroupBuilder MapSessions(this IEndpointRouteBuilder routes)
    {
        var session = routes.MapGroup("/session").WithTags("Session").AddEndpointFilter(AnswerForIdentityAsync);

        session.MapPost("", OpenSession).WithName(nameof(OpenSession))
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        session.MapGet("", GetSession).WithName(nameof(GetSession))
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        session.MapGet("/links", GetLinks).WithName(nameof(GetLinks));
        session.MapDelete("", CloseSession).WithName(nameof(CloseSession));
        session.MapHealth();
        session.MapRegistration();

        return session;
    }

    /// <summary>Opens a session with a username and a password.</summary>
    /// <remarks>
    /// The session is an HttpOnly cookie; no token reaches the browser. Requests that change something by it, this one too, need
    /// the header <c>X-CSRF: 1</c>. 401 is the same for an unknown username and a wrong password; after too many failures, or while an
    /// admin has locked the account, 429 with <c>Retry-After</c>, where the lock has an end.
    /// </remarks>
    public static async Task<Results<Ok<SessionResponse>, IdentityAnswer>> OpenSession(
        SignInRequest credentials, IdentityClient identity, IOptions<GatewayOptions> options, TimeProvider time, HttpContext http,
        CancellationToken cancel)
    {
        var answer = await identity.LoginAsync(credentials, http, cancel);
        if (!answer.IsSuccessStatusCode)
            return new IdentityAnswer(answer);

        return TypedResults.Ok(await OpenAsync(answer, options, time, http, cancel));
    }

    /// <summary>Opens a session with the tokens that Identity has issued.</summary>
    internal static async Task<SessionResponse> OpenAsync(
        HttpResponseMessage answer, IOptions<GatewayOptions> options, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        using (answer)
        {
            var session = Session.Of(
                Guid.NewGuid(), await IdentityClient.TokensOfAsync(answer, cancel), options.Value.RenewAhead, time.GetUtcNow());
            await session.WriteAsync(http);
            IdentityClient.PassCookiesOn(answer, http);

            return new SessionResponse(session.User);
        }
    }

    /// <summary>Tells whose session the cookie holds; null when there is none or it has ended.</summary>
    /// <remarks>Nobody is an answer, not a failure: every page asks this first, and a browser reports failures on its console.</remarks>
    public static async Task<Ok<CurrentSessionResponse>> GetSession(SessionRenewal renewal, HttpContext http) =>
        TypedResults.Ok(new CurrentSessionResponse((await renewal.CurrentAsync(http))?.User));

    /// <summary>Tells an admin where the system's own dashboard is.</summary>
    public static async Task<Ok<SessionLinksResponse>> GetLinks(SessionRenewal renewal, IOptions<GatewayOptions> options, HttpContext http) =>
        TypedResults.Ok(new SessionLinksResponse((await renewal.CurrentAsync(http))?.User.Role == Roles.Admin ? options.Value.Dashboard : null));

    /// <summary>Closes the session: its tokens are revoked, its sockets closed and the cookie is cleared.</summary>
    public static async Task<NoContent> CloseSession(
        SessionRenewal renewal, IdentityClient identity, SessionEnds ends, SessionSockets sockets, ILogger<SessionRenewal> logger, HttpContext http,
        CancellationToken cancel)
    {
        var session = Session.Of(http);
        if (session is not null)
        {
            ends.End(session.Id);
            sockets.Close(session.Id);
        }

        try
        {
            if (session is not null && await renewal.CurrentAsync(session) is { } current)
                await identity.LogoutAsync(current, cancel);
        }
        catch (IdentityUnreachableException failure)
        {
            // The tokens are in this cookie only, and it opens nothing any more.
            GatewayLog.IdentityUnreachable(logger, failure.Message);
        }

        await http.SignOutAsync();
        return TypedResults.NoContent();
    }

    private static async ValueTask<object?> AnswerForIdentityAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (IdentityUnreachableException failure)
        {
            GatewayLog.IdentityUnreachable(context.HttpContext.RequestServices.GetRequiredService<ILogger<IdentityClient>>(), failure.Message);
            return Problems.ServiceAway(StatusCodes.Status503ServiceUnavailable, ResourceNames.Identity);
        }
    }
}
