using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Http;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Gateway.Web;

/// <summary>Who is believed and let in at the edge: proxies before the gateway, hosts, other origins, and no tokens of services.</summary>
internal static class Edge
{
    private static readonly string[] ServiceScopes = [TokenConventions.SagaScope, TokenConventions.ReplicaScope];

    /// <summary>Adds what <see cref="GatewayOptions.TrustedProxies"/> and <see cref="GatewayOptions.AllowedOrigins"/> say.</summary>
    public static void AddEdge(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<GatewayOptions>>((forwarded, gateway) =>
        {
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var network in gateway.Value.TrustedNetworks)
                forwarded.KnownIPNetworks.Add(network);
            // Through as many of them as there are.
            forwarded.ForwardLimit = null;
            // Without any proxy everybody would be one.
            forwarded.ForwardedHeaders = forwarded.KnownIPNetworks.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        });

        // The host's own check of AllowedHosts comes before the proxies are asked for the host, and is made of probes too. UseEdge has another.
        builder.Services.PostConfigure<HostFilteringOptions>(filtering => filtering.AllowedHosts = ["*"]);

        // Without credentials: other origins come with a bearer token, never with a session.
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(builder.Configuration.GetSection($"{GatewayOptions.Section}:{nameof(GatewayOptions.AllowedOrigins)}").Get<string[]>() ?? [])
            .AllowAnyHeader().AllowAnyMethod()
            .WithExposedHeaders(HeaderNames.Link, HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.ContentDisposition)));
    }

    /// <summary>Refuses hosts that the system isn't known by, lets other origins in where they are allowed, and refuses tokens of services.</summary>
    public static void UseEdge(this WebApplication app)
    {
        if (KnownHosts(app) is { Count: > 0 } hosts)
            app.UseWhen(http => WebPaths.IsWebApp(http.Request.Path) || ApiPaths.IsApi(http.Request.Path), known => known.Use((http, next) => HostString.MatchesAny(http.Request.Host.Host, hosts)
                ? next(http)
                : Problems.WriteAsync(http, StatusCodes.Status400BadRequest, "The host is not known.", "The system has another address.")));

        if (app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.AllowedOrigins.Count > 0)
            app.UseWhen(http => ApiPaths.IsApi(http.Request.Path) && !ApiPaths.BeginsWithAny(http.Request.Path, "session"), api => api.UseCors());

        app.Use((http, next) => IsServiceToken(http.Request.Headers.Authorization)
            ? Problems.WriteAsync(http, StatusCodes.Status403Forbidden, "The token is a service's.", "Tokens of services only work inside the system.")
            : next(http));
    }

    /// <summary>Those of <c>AllowedHosts</c>; without it, outside development, that of the issuer, which is the system's public address.</summary>
    private static List<StringSegment> KnownHosts(WebApplication app)
    {
        var configured = app.Configuration["AllowedHosts"] is { Length: > 0 } hosts ? hosts
            : app.Environment.IsDevelopment() ? null
            : app.Configuration.GetValue<Uri>("Identity:Issuer")?.Host;

        return configured is null or "*" ? [] : [.. configured.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(host => new StringSegment(host))];
    }

    /// <summary>
    /// Whether a token says that it is a service's. Its signature isn't checked here, but who changes what it says breaks that, and then no
    /// service accepts it.
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
            // It is no token at all, which its service will say.
            return false;
        }
    }
}
