using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>Bearer authentication against Identity's discovery document, and the policies of the HTTP contract.</summary>
public static class AuthenticationExtensions
{
    /// <summary>
    /// Accepts access tokens of Identity whose issuer, audience, type, signature and lifetime are right, and adds
    /// <see cref="CurrentUser"/>. Routes that ask for authorization without a policy are open to any account.
    /// </summary>
    public static TBuilder AddEnergyAuthentication<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();

        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IHttpClientFactory>((options, clients) =>
            {
                // Found by service discovery inside the system, so TLS ends at the edge; the issuer is the public address.
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
            });

        builder.Services.AddAuthorizationBuilder()
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().RequireRole(Roles.Admin, Roles.Client).Build())
            .AddPolicy(Policies.Admin, policy => policy.RequireRole(Roles.Admin))
            .AddPolicy(Policies.Saga, policy => policy.RequireAssertion(context => HasScope(context, TokenConventions.SagaScope)));

        builder.Services.AddHttpContextAccessor();
        builder.Services.AddScoped<CurrentUser>();

        return builder;
    }

    private static bool HasScope(AuthorizationHandlerContext context, string scope) =>
        context.User.FindAll("scope").SelectMany(claim => claim.Value.Split(' ')).Contains(scope, StringComparer.Ordinal);
}
