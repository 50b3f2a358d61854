using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>The browser's session: the gateway holds the tokens, the browser a cookie that it can't read.</summary>
public static partial class SessionEndpoints
{
    private const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    /// <summary>Adds the session cookie and the client of Identity.</summary>
    public static IHostApplicationBuilder AddSessions(this IHostApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        builder.Services.AddAuthentication(Scheme).AddCookie(options =>
        {
            options.Cookie.Name = isDevelopment ? "energy-session" : "__Host-energy-session";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = isDevelopment ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
            options.ExpireTimeSpan = Lifetime;
            options.EventsType = typeof(SessionCookieEvents);
        });
        builder.Services.AddScoped<SessionCookieEvents>();
        builder.Services.AddSingleton<SessionRefresher>();
        builder.Services.AddMemoryCache();
        builder.Services.AddHttpClient<IdentityClient>(client => client.BaseAddress = new Uri($"http://{ResourceNames.Identity}"));

        var protection = builder.Services.AddDataProtection().SetApplicationName("EnergyAspire.Gateway");
        if (builder.Configuration["Gateway:KeysFolder"] is { Length: > 0 } folder)
            protection.PersistKeysToFileSystem(new DirectoryInfo(folder));

        return builder;
    }

    /// <summary>Maps <c>/session</c>.</summary>
    public static void MapSession(this IEndpointRouteBuilder routes)
    {
        var session = routes.MapGroup("/session").WithTags("Session");

        session.MapPost("/", Open).RequireRateLimiting(Protection.RateLimits.SignIn)
            .Produces<SessionResponse>().ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests);
        session.MapGet("/", Show);
        session.MapDelete("/", Close);
    }

    /// <summary>Signs in and opens a session; needs the header <c>X-CSRF: 1</c>.</summary>
    private static async Task<IResult> Open(
        SignInRequest credentials, HttpContext context, IdentityClient identity, TimeProvider time, CancellationToken cancel)
    {
        using var answer = await identity.SignInAsync(credentials, context.Connection.RemoteIpAddress, cancel);
        if (!answer.IsSuccessStatusCode)
        {
            if (answer.Headers.RetryAfter is { } retryAfter)
                context.Response.Headers.RetryAfter = retryAfter.ToString();

            return TypedResults.Text(
                await answer.Content.ReadAsStringAsync(cancel), answer.Content.Headers.ContentType?.ToString(), statusCode: (int)answer.StatusCode);
        }

        var tokens = await IdentityClient.ReadTokensAsync(answer, cancel);
        var properties = new AuthenticationProperties { IsPersistent = true };
        tokens.StoreIn(properties, time.GetUtcNow());
        await context.SignInAsync(Scheme, tokens.ToPrincipal(), properties);

        return TypedResults.Ok(new SessionResponse(tokens.User));
    }

    /// <summary>Says whose session it is.</summary>
    private static Results<Ok<SessionResponse>, UnauthorizedHttpResult> Show(ClaimsPrincipal user) =>
        UserOf(user) is { } owner ? TypedResults.Ok(new SessionResponse(owner)) : TypedResults.Unauthorized();

    /// <summary>Ends the session here and at Identity; needs the header <c>X-CSRF: 1</c>.</summary>
    private static async Task<NoContent> Close(HttpContext context, IdentityClient identity, ILogger<SessionRefresher> logger, CancellationToken cancel)
    {
        var session = await context.AuthenticateAsync(Scheme);
        await context.SignOutAsync(Scheme);
        if (SessionTokens.AccessOf(session.Properties) is { } access && SessionTokens.RefreshOf(session.Properties) is { } refresh)
        {
            try
            {
                await identity.SignOutAsync(access, refresh, cancel);
            }
            catch (HttpRequestException failure)
            {
                // The cookie is gone; the refresh token in it expires by itself.
                LogSignOutIncomplete(logger, failure.Message);
            }
        }

        return TypedResults.NoContent();
    }

    private static SessionUser? UserOf(ClaimsPrincipal user) =>
        Guid.TryParse(user.FindFirstValue("sub"), out var id)
            ? new SessionUser(id, user.FindFirstValue("username") ?? "", user.FindFirstValue("role") ?? "")
            : null;

    [LoggerMessage(301, LogLevel.Warning, "Identity was not told of a sign-out: {Reason}")]
    private static partial void LogSignOutIncomplete(ILogger logger, string reason);
}

/// <summary>Credentials of a sign-in.</summary>
/// <param name="Username">Sign-in name.</param>
/// <param name="Password">Password.</param>
public sealed record SignInRequest([property: Required] string Username, [property: Required] string Password);

/// <summary>An open session.</summary>
/// <param name="User">Whose it is.</param>
public sealed record SessionResponse(SessionUser User);
