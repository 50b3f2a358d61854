using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>An open session.</summary>
/// <param name="User">Account of the session.</param>
/// <param name="Version">Installed version, such as <c>1.2.0</c>.</param>
/// <param name="Currency">Currency of all prices, ISO 4217; empty for prices without a currency.</param>
public sealed record SessionResponse(TokenUser User, string Version, string Currency);

/// <summary>The session of the cookie, if there is one.</summary>
/// <param name="User">Account; null when nobody is signed in.</param>
/// <param name="Version">Installed version, such as <c>1.2.0</c>.</param>
/// <param name="Currency">Currency of all prices, ISO 4217; empty for prices without a currency.</param>
public sealed record CurrentSessionResponse(TokenUser? User, string Version, string Currency);

/// <summary>Links for the caller.</summary>
/// <param name="Dashboard">Address of the dashboard with logs, traces and metrics; null when there is none or the caller isn't an admin.</param>
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
    /// The session is an HttpOnly cookie; the browser gets no token. This request, and all requests that change something by the session, need
    /// the header <c>X-CSRF: 1</c>. 401 is the same for an unknown username and a wrong password. 429: there were too many failures, or an
    /// admin has locked the account; with <c>Retry-After</c> if the lock has an end.
    /// </remarks>
    public static async Task<Results<Ok<SessionResponse>, IdentityAnswer>> OpenSession(
        LoginRequest credentials, IdentityClient identity, IOptions<GatewayOptions> options, TimeProvider time, HttpContext http,
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
            http.RequestServices.GetRequiredService<SessionMetrics>().Opened();

            return new SessionResponse(session.User, ProductVersion.Current, options.Value.Currency);
        }
    }

    /// <summary>Returns the account of the session; null when there is no session or it has ended.</summary>
    /// <remarks>A missing session is not an error, because every page sends this request first and browsers log errors to their console.</remarks>
    public static async Task<Ok<CurrentSessionResponse>> GetSession(SessionRenewal renewal, IOptions<GatewayOptions> options, HttpContext http) =>
        TypedResults.Ok(new CurrentSessionResponse((await renewal.CurrentAsync(http))?.User, ProductVersion.Current, options.Value.Currency));

    /// <summary>Returns the address of the dashboard to an admin, and null to other callers.</summary>
    public static async Task<Ok<SessionLinksResponse>> GetLinks(SessionRenewal renewal, IOptions<GatewayOptions> options, HttpContext http) =>
        TypedResults.Ok(new SessionLinksResponse((await renewal.CurrentAsync(http))?.User.Role == Roles.Admin ? options.Value.Dashboard : null));

    /// <summary>Closes the session: revokes its tokens, closes its WebSockets and deletes the cookie.</summary>
    public static async Task<NoContent> CloseSession(
        SessionRenewal renewal, IdentityClient identity, SessionEnds ends, SessionSockets sockets, SessionMetrics metrics,
        ILogger<SessionRenewal> logger, HttpContext http, CancellationToken cancel)
    {
        var session = Session.Of(http);
        if (session is not null)
        {
            metrics.Closed();
            await ends.EndAsync(session.Id);
            sockets.Close(session.Id);
        }

        try
        {
            if (session is not null && await renewal.CurrentAsync(session) is { } current)
                await identity.LogoutAsync(current, cancel);
        }
        catch (IdentityUnreachableException failure)
        {
            // The tokens are in this cookie only, and the session is recorded as ended, so the cookie is refused.
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
