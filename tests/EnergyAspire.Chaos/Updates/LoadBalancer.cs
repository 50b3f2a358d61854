using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms;

namespace EnergyAspire.Chaos.Updates;

/// <summary>
/// Load balancer in front of a service's replicas, like the ingress of a container platform. It checks <c>/health</c> of each replica every second and
/// sends requests only to those that are ready. It doesn't repeat a request.
/// </summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly RouteConfig _route;
    private readonly Dictionary<string, DestinationConfig> _replicas = new(StringComparer.Ordinal);

    private LoadBalancer(WebApplication app, RouteConfig route, Uri address) => (_app, _route, Address) = (app, route, address);

    /// <summary>Address for callers.</summary>
    public Uri Address { get; }

    /// <summary>Starts without replicas.</summary>
    /// <param name="port">Port on this machine.</param>
    /// <param name="terminatesTls">Whether it tells the replicas that callers use https.</param>
    public static async Task<LoadBalancer> StartAsync(int port, bool terminatesTls)
    {
        var address = new Uri($"http://127.0.0.1:{port}");
        var route = new RouteConfig { RouteId = "all", ClusterId = "replicas", Match = new RouteMatch { Path = "{**path}" } }
            .WithTransformUseOriginalHostHeader();
        // Between services it leaves the headers of the gateway as they are.
        route = terminatesTls
            ? route.WithTransformXForwarded(xProto: ForwardedTransformActions.Off).WithTransformRequestHeader("X-Forwarded-Proto", "https", append: false)
            : route.WithTransformXForwarded(xDefault: ForwardedTransformActions.Off);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address.GetLeftPart(UriPartial.Authority));
        builder.Services.AddReverseProxy().LoadFromMemory([], []);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.StartAsync();

        return new LoadBalancer(app, route, address);
    }

    /// <summary>Adds a replica that is ready.</summary>
    public void Add(Uri replica)
    {
        _replicas[replica.Authority] = new DestinationConfig { Address = replica.GetLeftPart(UriPartial.Authority) };
        Update();
    }

    /// <summary>Removes a replica that has ended.</summary>
    public void Remove(Uri replica)
    {
        _replicas.Remove(replica.Authority);
        Update();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void Update() => _app.Services.GetRequiredService<InMemoryConfigProvider>().Update([_route], [new ClusterConfig
    {
        ClusterId = _route.ClusterId!,
        LoadBalancingPolicy = "RoundRobin",
        Destinations = _replicas.ToDictionary(StringComparer.Ordinal),
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig { Enabled = true, Interval = CheckInterval, Timeout = CheckTimeout, Path = "/health" },
        },
        Metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = "1",
        },
    }]);
}
