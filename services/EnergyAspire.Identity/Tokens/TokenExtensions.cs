using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using static OpenIddict.Server.AspNetCore.OpenIddictServerAspNetCoreHandlers;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

internal static class TokenExtensions
{
    /// <summary>Lifetime of an access token.</summary>
    public static readonly TimeSpan AccessTokenLifetime = TimeSpan.FromHours(5);

    /// <summary>Lifetime of a service's access token.</summary>
    public static readonly TimeSpan ServiceTokenLifetime = TimeSpan.FromMinutes(10);

    /// <summary>How long a refresh token can be used.</summary>
    public static readonly TimeSpan RefreshTokenLifetime = TimeSpan.FromDays(14);

    /// <summary>Adds the OpenID Connect server and its keys.</summary>
    public static void AddTokens(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyRing>();
        builder.Services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(services => services.GetRequiredService<KeyRing>());
        builder.Services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(services => services.GetRequiredService<KeyRing>());
        builder.Services.AddHealthChecks().AddCheck<KeyRing>("signing-keys");
        builder.Services.AddScoped<KeyStore>();
        builder.Services.AddScoped<TokenFamilies>();
        builder.Services.AddScoped<AccessTokens>();
        builder.Services.AddScoped<TokenExchange>();
        builder.Services.AddHostedService<TokenPreparation>();
        builder.Services.AddHostedService<TokenPruning>();

        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<AuthDbContext>().ReplaceDefaultEntities<Guid>())
            .AddServer(server =>
            {
                server.SetTokenEndpointUris(TokenEndpoints.TokenPath, TokenEndpoints.LoginPath, TokenEndpoints.RefreshPath, TokenEndpoints.RegisterPath);
                server.AllowPasswordFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow().AllowCustomFlow(Applications.RegistrationGrant);
                server.RegisterScopes(TokenConventions.SagaScope, TokenConventions.ReplicaScope);
                server.AddBrowserFlow();
                server.SetAccessTokenLifetime(AccessTokenLifetime).SetRefreshTokenLifetime(RefreshTokenLifetime);
                server.DisableAccessTokenEncryption();

                // Reference tokens are short enough for a cookie. Each works once, without a leeway for reuse.
                server.UseReferenceRefreshTokens().SetRefreshTokenReuseLeeway(null);

                // TLS ends at the edge; between gateway and service it is plain HTTP.
                server.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement()
                    .EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough().EnableUserInfoEndpointPassthrough()
                    .EnableErrorPassthrough();
                server.AddTokenHandlers();
                server.AddStrictRequests();
            });
        // Registered after OpenIddict's own post-configuration, which sorts the keys.
        builder.Services.AddSingleton<IPostConfigureOptions<OpenIddictServerOptions>>(services => services.GetRequiredService<KeyRing>());
        builder.Services.AddOptions<OpenIddictServerOptions>()
            .Configure<IOptions<IdentitySettings>>((options, settings) => options.Issuer = settings.Value.Issuer);

        builder.AddBrowserSessions();
        builder.UseOwnKeysForBearerTokens();
    }

    /// <summary>Answers 503 until the keys are loaded; without them no token can be issued or checked.</summary>
    public static void UseSigningKeys(this WebApplication app)
    {
        var ring = app.Services.GetRequiredService<KeyRing>();
        app.Use((http, next) => ring.Keys is not null
            ? next(http)
            : TypedResults.Problem("The service is starting.", statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(http));
    }

    private static void AddTokenHandlers(this OpenIddictServerBuilder server)
    {
        // Login and refresh take JSON. OpenIddict's own extraction accepts only a form, so it is limited to the standard endpoint.
        server.RemoveEventHandler(ExtractPostRequest<ExtractTokenRequestContext>.Descriptor);
        server.AddEventHandler<ExtractTokenRequestContext>(handler => handler
            .UseSingletonHandler<JsonTokenRequest>()
            .SetOrder(ExtractPostRequest<ExtractTokenRequestContext>.Descriptor.Order));

        server.Services.AddSingleton<RequireJsonRoute>();
        server.AddEventHandler<ApplyTokenResponseContext>(handler => handler
            .AddFilter<RequireJsonRoute>()
            .UseSingletonHandler<JsonTokenResponse>()
            .SetOrder(ProcessJsonResponse<ApplyTokenResponseContext>.Descriptor.Order - 500));

        server.AddEventHandler<ValidateTokenContext>(handler => handler
            .UseScopedHandler<RevokeFamilyOnReuse>()
            .SetOrder(OpenIddictServerHandlers.Protection.ValidateTokenEntry.Descriptor.Order - 500));
    }

    // The same checks as in every service, but with the keys of this process, so that Identity need not call itself.
    private static void UseOwnKeysForBearerTokens(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<KeyRing, IOptions<IdentitySettings>>((options, ring, settings) =>
                options.ConfigurationManager = new OwnConfiguration(ring, settings.Value.Issuer!));
}
