using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Gateway;
using EnergyAspire.Identity;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using DeviceData = EnergyAspire.Devices.Data.DeviceDbContext;
using MonitoringData = EnergyAspire.Monitoring.Data.MonitoringDbContext;
using UserData = EnergyAspire.Users.Data.UserDbContext;

namespace EnergyAspire.Services.Tests.Fuzz;

/// <summary>Gateway and services with the development data, on ports of their own, as they work together in life.</summary>
public sealed class WholeSystem(ServiceSystem others) : IAsyncLifetime
{
    private const string Secret = "a service's secret, for these tests";

    private readonly List<IAsyncDisposable> _hosts = [];
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);
    private readonly string _webRoot = Directory.CreateTempSubdirectory("fuzz-web-").FullName;

    /// <summary>Calls the gateway; headers may hold any byte.</summary>
    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_webRoot, "index.html"), "<!doctype html><title>EnergyAspire</title>");
        // Those who are called know nobody's address but Identity's; Identity runs sagas at the others, so its port is known before it starts.
        _addresses[ResourceNames.Identity] = $"http://127.0.0.1:{ServiceProcess.FreePort()}";
        await StartAsync<UserData>(ResourceNames.Users, ResourceNames.UserDatabase);
        await StartAsync<DeviceData>(ResourceNames.Devices, ResourceNames.DeviceDatabase);
        await StartAsync<MonitoringData>(ResourceNames.Monitoring, ResourceNames.MonitoringDatabase);
        await StartAsync<IdentitySettings>(ResourceNames.Identity, ResourceNames.AuthDatabase);
        var gateway = await StartAsync<GatewayOptions>(ResourceNames.Gateway, database: null);

        Client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1,
        })
        {
            BaseAddress = gateway,
            Timeout = TimeSpan.FromMinutes(1),
        };
        // Services ask Identity for its keys when the first token comes.
        await Eventually.TrueAsync(async () => await IsReadyAsync("/api/devices") && await IsReadyAsync("/api/monitoring/devices"), "the services accept tokens");
    }

    /// <summary>Signs in and returns the access token.</summary>
    public async Task<string> TokenAsync(string username, string password)
    {
        using var answer = await Client.PostAsJsonAsync("/api/auth/login", new { username, password });
        answer.EnsureSuccessStatusCode();

        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens").GetProperty("access").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        foreach (var host in Enumerable.Reverse(_hosts))
            await host.DisposeAsync();
        Directory.Delete(_webRoot, recursive: true);
    }

    private async Task<bool> IsReadyAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", await TokenAsync("alice", "alice123"));
        using var answer = await Client.SendAsync(request);

        return answer.IsSuccessStatusCode;
    }

    private async Task<Uri> StartAsync<TService>(string name, string? database)
        where TService : class
    {
        var settings = new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{ResourceNames.Messaging}"] = others.Servers.Broker,
            ["Identity:Issuer"] = "http://energy.test/",
            ["Identity:KeyPassphrase"] = "only for these tests, not a secret",
            [$"Identity:ServiceSecrets:{ResourceNames.Identity}"] = Secret,
            [$"Identity:ServiceSecrets:{ResourceNames.Devices}"] = Secret,
            [$"Identity:ServiceSecrets:{ResourceNames.Monitoring}"] = Secret,
            ["ServiceAccount:ClientId"] = name,
            ["ServiceAccount:ClientSecret"] = Secret,
            ["RateLimits:RequestsPerMinute"] = "1000000",
            ["RateLimits:AddressRequestsPerMinute"] = "1000000",
            ["RateLimits:SignInsPerMinute"] = "1000000",
            ["webroot"] = _webRoot,
        };
        if (database is not null)
            settings[$"ConnectionStrings:{database}"] = await others.Servers.CreateDatabaseAsync(name);
        foreach (var (service, address) in _addresses)
            settings[$"services:{service}:http:0"] = address;

        var host = new ServiceHost<TService>(settings, "Development", Configure);
        _hosts.Add(host);
        if (name == ResourceNames.Identity)
            host.UseKestrel(new Uri(_addresses[name]).Port);
        else
            host.UseKestrel(0);
        host.StartServer();
        _addresses[name] = host.ClientOptions.BaseAddress.GetLeftPart(UriPartial.Authority);
        if (name != ResourceNames.Gateway)
            await host.WaitUntilReadyAsync();

        return host.ClientOptions.BaseAddress;
    }

    private void Configure(IServiceCollection services)
    {
        // Identity's own keys, instead of those of the tests.
        var identity = _addresses[ResourceNames.Identity];
        services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
            options.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
                $"{identity}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever { RequireHttps = false })
            {
                RefreshInterval = TimeSpan.FromSeconds(1),
            });
        // The work of hashing is what makes passwords safe, and these tests slow.
        services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1000);
    }
}
