using EnergyAspire.ServiceDefaults;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace EnergyAspire.Gateway.Proxy;

/// <summary>Routes of the proxy: which path belongs to which service. Other paths of a service can't be reached from outside.</summary>
internal static class Routes
{
    /// <summary>The services, with the titles of their documents at <c>/api/docs</c>.</summary>
    public static readonly IReadOnlyList<(string Service, string Title)> Services =
    [
        (ResourceNames.Identity, "Identity"),
        (ResourceNames.Users, "Users"),
        (ResourceNames.Devices, "Devices"),
        (ResourceNames.Monitoring, "Monitoring"),
    ];

    /// <summary>Routes to the services.</summary>
    public static IEnumerable<RouteConfig> OfServices() =>
    [
        To(ResourceNames.Identity, "/api/auth/{**rest}"),
        To(ResourceNames.Identity, "/connect/{**rest}"),
        To(ResourceNames.Identity, "/.well-known/{**rest}"),
        To(ResourceNames.Users, "/api/users/{**rest}"),
        To(ResourceNames.Devices, "/api/devices/{**rest}"),
        To(ResourceNames.Devices, "/api/mappings/{**rest}"),
        To(ResourceNames.Devices, "/api/tariffs/{**rest}"),
        To(ResourceNames.Monitoring, "/api/monitoring/{**rest}"),
        .. Services.Select(service => To(service.Service, DocumentPath(service.Service)).WithTransformPathSet("/openapi/v1.json")),
    ];

    /// <summary>Clusters of the proxy: one per service, with an address that service discovery resolves.</summary>
    public static IEnumerable<ClusterConfig> Clusters() =>
        Services.Select(service => Cluster(service.Service))
            // In development also the web app's own server, see WebServer. Its reload socket is idle while no file changes. A timeout would
            // close it and reload the page.
            .Append(Cluster(ResourceNames.Web) with { HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromDays(1) } });

    /// <summary>Where the gateway serves a service's OpenAPI document.</summary>
    public static string DocumentPath(string service) => $"/api/docs/openapi/{service}.json";

    private static RouteConfig To(string resource, string path) =>
        new() { RouteId = $"{resource} {path}", ClusterId = resource, Match = new RouteMatch { Path = path } };

    private static ClusterConfig Cluster(string resource) => new()
    {
        ClusterId = resource,
        // Latin-1 passes bytes above 127 in headers unchanged in both directions.
        HttpClient = new HttpClientConfig { RequestHeaderEncoding = "latin1", ResponseHeaderEncoding = "latin1" },
        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal)
        {
            [resource] = new() { Address = $"http://{resource}" },
        },
    };
}
