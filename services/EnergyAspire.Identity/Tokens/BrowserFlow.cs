using EnergyAspire.Identity.Tokens.Browser;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

/// <summary>The flow for third-party clients: authorization code with PKCE, the sign-in page, userinfo, end session and revocation.</summary>
internal static class BrowserFlow
{
    private const string CookiePath = "/connect";

    /// <summary>Adds the flow to the OpenID Connect server.</summary>
    public static void AddBrowserFlow(this OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris(AuthorizeEndpoint.Path)
            .SetEndSessionEndpointUris(EndSessionEndpoint.Path)
            .SetUserInfoEndpointUris(UserInfoEndpoint.Path)
            .SetRevocationEndpointUris("/connect/revoke");
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        server.RegisterScopes(Scopes.Profile);
        server.RegisterClaims(Claims.AuthenticationTime, Claims.PreferredUsername, Claims.Role);

        // A fragment stays in the browser's history and can be read by every script of the page.
        server.Configure(options => options.ResponseModes.Remove(ResponseModes.Fragment));
        // With the method plain, the challenge is the verifier: anyone who sees the request can redeem the code.
        server.Configure(options => options.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain));

        server.AddEventHandler<ApplyAuthorizationResponseContext>(handler => handler
            .UseScopedHandler<SendErrorsBack>()
            .SetOrder(OpenIddictServerHandlers.Authentication.AttachRedirectUri.Descriptor.Order + 500));
    }

    /// <summary>Adds Identity's browser sessions and pages.</summary>
    public static void AddBrowserSessions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents();
        builder.Services.AddScoped<BrowserSessions>();
        builder.Services.AddScoped<SignInEndpoint>();
        builder.Services.AddScoped<EndSessionEndpoint>();

        builder.Services.AddAuthentication().AddCookie(BrowserSessions.Scheme, options =>
        {
            Describe(options.Cookie, "energy-identity");
            options.ExpireTimeSpan = BrowserSessions.Lifetime;
            options.SlidingExpiration = false;
        });
        builder.Services.AddAntiforgery(options =>
        {
            Describe(options.Cookie, "energy-identity-form");
            options.SuppressXFrameOptionsHeader = true;
        });
        builder.Services.Replace(ServiceDescriptor.Singleton<IDataProtectionProvider>(
            services => new KeyRingProtection(services.GetRequiredService<KeyRing>())));
    }

    /// <summary>Maps the endpoints under <c>/connect</c> that OpenIddict doesn't handle alone.</summary>
    public static void MapBrowserFlow(this IEndpointRouteBuilder routes)
    {
        var connect = routes.MapGroup("").AllowAnonymous().ExcludeFromDescription();

        connect.MapMethods(AuthorizeEndpoint.Path, [HttpMethods.Get, HttpMethods.Post], AuthorizeEndpoint.Authorize);
        connect.MapGet(SignInEndpoint.Path, (SignInEndpoint page, HttpContext http, CancellationToken cancel) => page.ShowAsync(http, cancel));
        connect.MapPost(SignInEndpoint.Path, (SignInEndpoint page, HttpContext http, CancellationToken cancel) => page.SignInAsync(http, cancel));
        connect.MapMethods(
            EndSessionEndpoint.Path, [HttpMethods.Get, HttpMethods.Post],
            (EndSessionEndpoint end, HttpContext http, CancellationToken cancel) => end.EndAsync(http, cancel));
        connect.MapMethods(UserInfoEndpoint.Path, [HttpMethods.Get, HttpMethods.Post], UserInfoEndpoint.Tell);
    }

    private static void Describe(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.Path = CookiePath;
        cookie.HttpOnly = true;
        // Lax, because the cookie must be sent when another site redirects the browser here.
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.IsEssential = true;
    }
}
