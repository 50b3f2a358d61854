using System.Globalization;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>Bearer authentication against Identity's discovery document, and the policies of the HTTP contract.</summary>
public static class AuthenticationExtensions
{
    /// <summary>
    /// Accepts access tokens of Identity whose issuer, audience, type, signature and lifetime are valid, and whose account has not invalidated
    /// them (<see cref="AccountStandings"/>); adds <see cref="CurrentUser"/>. Routes that require authorization without a policy are open to any
    /// account. Addresses of callers are taken from the gateway's forwarded headers.
    /// </summary>
    public static TBuilder AddEnergyAuthentication<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();

        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IHttpClientFactory>((options, clients) =>
            {
                // Service discovery resolves Identity's internal address, which has no TLS. The issuer is the public address.
                options.Authority = $"http://{ResourceNames.Identity}";
                options.RequireHttpsMetadata = false;
                options.Backchannel = clients.CreateClient(nameof(JwtBearerHandler));
                options.MapInboundClaims = false;
                options.TokenValidationParameters = new TokenValidationParameters
                {
                    ValidAudience = TokenConventions.Audience,
                    ValidTypes = ["at+jwt"],
                    NameClaimType = "username",
                    RoleClaimType = "role",
                    ClockSkew = TimeSpan.FromSeconds(30),
                };
                options.Events = new JwtBearerEvents
                {
                    OnTokenValidated = RefuseOutlivedAsync,
                    OnAuthenticationFailed = new NewKeys(RefuseOutlivedAsync).TryAgainAsync,
                };

                // Tokens with unknown keys cause at most one request to Identity per second.
                options.RefreshInterval = TimeSpan.FromSeconds(1);
            })
            .PostConfigure(options =>
            {
                if (options.ConfigurationManager is BaseConfigurationManager keys)
                    keys.UseLastKnownGoodConfiguration = false;
            });

        builder.Services.AddAuthorizationBuilder()
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().RequireRole(Roles.Admin, Roles.Client).Build())
            .AddPolicy(Policies.Admin, policy => policy.RequireRole(Roles.Admin))
            .AddPolicy(Policies.Saga, policy => policy.RequireAssertion(context => HasScope(context, TokenConventions.SagaScope)))
            .AddPolicy(Policies.Replica, policy => policy.RequireAssertion(context => HasScope(context, TokenConventions.ReplicaScope)))
            .AddPolicy(Policies.AdminOrReplica, policy => policy.RequireAssertion(context =>
                context.User.IsInRole(Roles.Admin) || HasScope(context, TokenConventions.ReplicaScope)));

        builder.Services.AddHostedService<KeyWatch>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddScoped<CurrentUser>();
        builder.TrustGatewayHeaders();

        return builder;
    }

    private static async Task RefuseOutlivedAsync(TokenValidatedContext context)
    {
        var caller = context.Principal!;
        if (context.HttpContext.RequestServices.GetService<AccountStandings>() is not { } standings
            || !Guid.TryParse(caller.FindFirst("sub")?.Value, out var accountId))
            return;

        var generation = long.TryParse(caller.FindFirst(TokenConventions.Generation)?.Value, CultureInfo.InvariantCulture, out var claimed) ? claimed : 0;
        if (!await standings.AcceptsAsync(accountId, generation, context.HttpContext.RequestAborted))
            context.Fail("The account has changed since this token was issued.");
    }

    // Only the gateway is reachable from outside, and it overwrites these headers, so they are trusted from any sender.
    private static void TrustGatewayHeaders(this IHostApplicationBuilder builder) =>
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedProto;
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Clear();
        });

    private static bool HasScope(AuthorizationHandlerContext context, string scope) =>
        context.User.FindAll("scope").SelectMany(claim => claim.Value.Split(' ')).Contains(scope, StringComparer.Ordinal);
}
