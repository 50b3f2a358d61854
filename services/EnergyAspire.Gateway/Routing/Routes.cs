using System.Net.Http.Headers;
using EnergyAspire.Gateway.Protection;
using EnergyAspire.Gateway.Sessions;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;

namespace EnergyAspire.Gateway.Routing;

/// <summary>Which service answers which path. Services are found by service discovery.</summary>
public static class Routes
{
    private const int WebAppLast = 1000;

    private static readonly string[] Clusters =
        [ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring, ResourceNames.Web];

    private static readonly RouteConfig[] Table =
    [
        To(ResourceNames.Identity, "/api/auth/{**rest}"),
        To(ResourceNames.Identity, "/api/auth/login") with { RateLimiterPolicy = RateLimits.SignIn },
        To(ResourceNames.Identity, "/api/auth/register") with { RateLimiterPolicy = RateLimits.SignIn },
        To(ResourceNames.Identity, "/connect/{**rest}") with { RateLimiterPolicy = RateLimits.SignIn },
        To(ResourceNames.Identity, "/.well-known/{**rest}"),
        To(ResourceNames.Users, "/api/users/{**rest}"),
        To(ResourceNames.Devices, "/api/devices/{**rest}"),
        To(ResourceNames.Devices, "/api/mappings/{**rest}"),
        To(ResourceNames.Monitoring, "/api/monitoring/{**rest}"),
    ];

    /// <summary>Adds the reverse proxy with its routes.</summary>
    public static IHostApplicationBuilder AddRoutes(this IHostApplicationBuilder builder)
    {
        var documents = ApiDocs.Services.Select(service => To(service, ApiDocs.DocumentPath(service)).WithTransformPathSet("/openapi/v1.json"));
        var webApp = WebApp.IsBuilt(builder.Environment) ? [] : new[] { To(ResourceNames.Web, "/{**rest}") with { Order = WebAppLast } };

        builder.Services.AddReverseProxy()
            .LoadFromMemory([.. Table, .. documents, .. webApp], [.. Clusters.Select(Cluster)])
            .AddServiceDiscoveryDestinationResolver()
            .AddTransforms(transforms =>
            {
                // Whatever a client says of its address is replaced by what the gateway sees.
                transforms.AddXForwarded(ForwardedTransformActions.Set);
                transforms.AddRequestTransform(UseSessionAsync);
            });

        return builder;
    }

    /// <summary>Maps the routes; an API path that no service answers is 404 and never the web app.</summary>
    public static void MapRoutes(this WebApplication app)
    {
        app.MapReverseProxy();
        app.Map("/api/{**rest}", () => TypedResults.NotFound()).ExcludeFromDescription();
    }

    /// <summary>Turns the session into a bearer token; services never see the cookie. A client's own token goes through untouched.</summary>
    private static async ValueTask UseSessionAsync(RequestTransformContext context)
    {
        context.ProxyRequest.Headers.Remove(HeaderNames.Cookie);
        if (!context.Path.StartsWithSegments("/api") || context.HttpContext.Request.Headers.ContainsKey(HeaderNames.Authorization))
            return;

        var session = await context.HttpContext.AuthenticateAsync();
        if (SessionTokens.AccessOf(session.Properties) is { } access)
            context.ProxyRequest.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
    }

    private static RouteConfig To(string service, string path) =>
        new() { RouteId = path, ClusterId = service, Match = new RouteMatch { Path = path } };

    private static ClusterConfig Cluster(string service) => new()
    {
        ClusterId = service,
        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { [service] = new() { Address = $"http://{service}" } },
    };
}
