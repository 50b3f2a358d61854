using System.Net.Http.Headers;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;

namespace EnergyAspire.Services.Tests.Authorization;

/// <summary>Tests that ask the same four services.</summary>
[CollectionDefinition]
public sealed class RunningServicesCollection : ICollectionFixture<RunningServices>;

/// <summary>The four services with the development data, which trust the tokens of the tests.</summary>
public sealed class RunningServices(ServiceSystem others) : IAsyncLifetime
{
    private const string Secret = "a service's secret, for these tests";

    private TestVirtualHost _broker = null!;
    private readonly List<(string Name, IAsyncDisposable Host, HttpClient Client, IServiceProvider Services)> _services = [];

    /// <summary>Every route of every service as "METHOD /pattern", with the client that reaches its service.</summary>
    public IEnumerable<(string Route, HttpClient Client)> Routes =>
        from service in _services
        from endpoint in service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select ($"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}", service.Client);

    /// <summary>Calls the service of a name as one of its callers.</summary>
    public async Task<HttpResponseMessage> SendAsync(string service, HttpMethod method, string path, Caller caller, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        if (caller.Token() is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);

        return await Of(service).Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>What a service has logged.</summary>
    public FakeLogCollector LogOf(string service) => Of(service).Services.GetFakeLogCollector();

    /// <summary>Does something with a service's database.</summary>
    public async Task ChangeAsync<TContext>(string service, Action<TContext> change)
        where TContext : DbContext
    {
        await using var scope = Of(service).Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TContext>();
        change(db);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask InitializeAsync()
    {
        _broker = await others.Servers.CreateVirtualHostAsync();
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
    }

    private (HttpClient Client, IServiceProvider Services) Of(string name) =>
        _services.Where(service => service.Name == name).Select(service => (service.Client, service.Services)).Single();

    private async Task StartAsync<TService>(string name, string database)
        where TService : class
    {
        var host = new ServiceHost<TService>(
            new Dictionary<string, string?>
            {
                [$"ConnectionStrings:{database}"] = await others.Servers.CreateDatabaseAsync(name),
                [$"ConnectionStrings:{ResourceNames.Messaging}"] = _broker.BrokerOf(name),
                ["Identity:Issuer"] = "https://energy.example/",
                ["Identity:KeyPassphrase"] = "only for these tests, not a secret",
                ["ServiceAccount:ClientId"] = name,
                ["ServiceAccount:ClientSecret"] = Secret,
            },
            "Development",
            services => services.AddFakeLogging());
        await host.WaitUntilReadyAsync();
        _services.Add((name, host, host.CreateClient(), host.Services));
    }
}
