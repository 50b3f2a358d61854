using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Services.Tests.Authorization;

/// <summary>The four services with the development data, which trust the tokens of the tests.</summary>
public sealed class RunningServices : IAsyncLifetime
{
    private const string Secret = "a service's secret, for these tests";

    private readonly TestServers _servers = new();
    private readonly List<(string Name, IAsyncDisposable Host, HttpClient Client, EndpointDataSource Endpoints)> _services = [];

    /// <summary>Every route of every service as "METHOD /pattern", with the client that reaches its service.</summary>
    public IEnumerable<(string Route, HttpClient Client)> Routes =>
        from service in _services
        from endpoint in service.Endpoints.Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select ($"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}", service.Client);

    public async ValueTask InitializeAsync()
    {
        await _servers.InitializeAsync();
        await StartAsync<Identity.IdentitySettings>(ResourceNames.Identity, ResourceNames.AuthDatabase);
        await StartAsync<Users.Data.UserDbContext>(ResourceNames.Users, ResourceNames.UserDatabase);
        await StartAsync<Devices.Data.DeviceDbContext>(ResourceNames.Devices, ResourceNames.DeviceDatabase);
        await StartAsync<Monitoring.Data.MonitoringDbContext>(ResourceNames.Monitoring, ResourceNames.MonitoringDatabase);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_services))
        {
            service.Client.Dispose();
            await service.Host.DisposeAsync();
        }

        await _servers.DisposeAsync();
    }

    private async Task StartAsync<TService>(string name, string database)
        where TService : class
    {
        var host = new ServiceHost<TService>(
            new Dictionary<string, string?>
            {
                [$"ConnectionStrings:{database}"] = await _servers.CreateDatabaseAsync(name),
                [$"ConnectionStrings:{ResourceNames.Messaging}"] = _servers.Broker,
                ["Identity:Issuer"] = "https://energy.example/",
                ["Identity:KeyPassphrase"] = "only for these tests, not a secret",
                ["ServiceAccount:ClientId"] = name,
                ["ServiceAccount:ClientSecret"] = Secret,
            },
            "Development");
        await host.WaitUntilReadyAsync();
        _services.Add((name, host, host.CreateClient(), host.Services.GetRequiredService<EndpointDataSource>()));
    }
}
