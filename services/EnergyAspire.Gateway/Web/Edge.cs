using EnergyAspire.Api.Http;
using EnergyAspire.Api.Lists;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Gateway.Web;

/// <summary>Checks at the edge of the system: trusted proxies, known hosts, allowed origins, and no tokens of services.</summary>
internal static class Edge
{
    private static readonly string[] ServiceScopes = [TokenConventions.SagaScope, TokenConventions.ReplicaScope];

    /// <summary>
    /// Adds forwarded headers for <see cref="GatewayOptions.TrustedProxies"/> and CORS for <see cref="GatewayOptions.AllowedOrigins"/>.
    /// </summary>
    public static void AddEdge(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<GatewayOptions>>((forwarded, gateway) =>
        {
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var network in gateway.Value.TrustedNetworks)
                forwarded.KnownIPNetworks.Add(network);
            // Any number of trusted proxies may be in a row.
            forwarded.ForwardLimit = null;
            // With an empty list the middleware would trust every caller as a proxy.
            forwarded.ForwardedHeaders = forwarded.KnownIPNetworks.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        });

        // The framework checks AllowedHosts before it reads the forwarded host, and it checks health probes too. So its check is disabled;
        // UseEdge has its own.
        builder.Services.PostConfigure<HostFilteringOptions>(filtering => filtering.AllowedHosts = ["*"]);
        KnownHosts.AddTo(builder);

        // Without credentials: requests from other origins use a bearer token, never the session cookie.
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<GatewayOptions>>((cors, gateway) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. gateway.Value.AllowedOrigins])
            .AllowAnyHeader().AllowAnyMethod()
            .WithExposedHeaders(
                HeaderNames.Link, PageRequest.TotalHeader, HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.ContentDisposition,
                ApiVersions.SupportedHeader, ApiVersions.DeprecationHeader, ApiVersions.SunsetHeader)));
    }

    /// <summary>Refuses unknown hosts, applies CORS if origins are allowed, and refuses tokens of services.</summary>
    public static void UseEdge(this WebApplication app)
    {
        app.UseWhen(http => WebPaths.IsWebApp(http.Request.Path) || ApiPaths.IsApi(http.Request.Path), known => known.Use((http, next) =>
            http.RequestServices.GetRequiredService<IOptions<KnownHosts>>().Value.Accept(http.Request.Host)
                ? next(http)
                : Problems.WriteAsync(http, StatusCodes.Status400BadRequest, "The host is not known.", "The system has another address.")));

        if (app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.AllowedOrigins.Count > 0)
            app.UseWhen(http => ApiPaths.IsApi(http.Request.Path) && !ApiPaths.BeginsWithAny(http.Request.Path, "session"), api => api.UseCors());

        app.Use((http, next) => IsServiceToken(http.Request.Headers.Authorization)
            ? Problems.WriteAsync(http, StatusCodes.Status403Forbidden, "The token is a service's.", "Tokens of services only work inside the system.")
            : next(http));
    }

    /// <summary>
    /// Whether a token has a scope of services. Its signature isn't checked here. A token whose scope was changed has an invalid signature, so
    /// no service accepts it.
    /// </summary>
    private static bool IsServiceToken(string? authorization)
    {
        const string Bearer = "Bearer ";
        if (authorization?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) != true)
            return false;

        try
        {
            return new JsonWebToken(authorization[Bearer.Length..].Trim()).Claims
                .Where(claim => claim.Type == "scope")
                .SelectMany(claim => claim.Value.Split(' '))
                .Any(scope => ServiceScopes.Contains(scope, StringComparer.Ordinal));
        }
        catch (ArgumentException)
        {
            // It isn't a JWT; the service will refuse it.
            return false;
        }
    }
}
