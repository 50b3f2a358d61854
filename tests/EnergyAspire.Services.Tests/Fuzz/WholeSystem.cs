using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Gateway;
using EnergyAspire.Identity;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using DeviceData = EnergyAspire.Devices.Data.DeviceDbContext;
using MonitoringData = EnergyAspire.Monitoring.Data.MonitoringDbContext;
using UserData = EnergyAspire.Users.Data.UserDbContext;

namespace EnergyAspire.Services.Tests.Fuzz;

/// <summary>Gateway and services with the development data, on ports of their own, as they work together in life.</summary>
public sealed class WholeSystem(ServiceSystem others) : IAsyncLifetime
{
    private readonly InProcessServices _services = new();
    private readonly string _webRoot = Directory.CreateTempSubdirectory("fuzz-web-").FullName;
    private TestVirtualHost _broker = null!;

    /// <summary>Calls the gateway; headers may hold any byte.</summary>
    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await others.Servers.CreateVirtualHostAsync();
        await File.WriteAllTextAsync(Path.Combine(_webRoot, "index.html"), "<!doctype html><title>EnergyAspire</title>");
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
        await _services.DisposeAsync();
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
            ["RateLimits:RequestsPerMinute"] = "1000000",
            ["RateLimits:AddressRequestsPerMinute"] = "1000000",
            ["RateLimits:SignInsPerMinute"] = "1000000",
            ["webroot"] = _webRoot,
        };
        if (database is not null)
        {
            settings[$"ConnectionStrings:{database}"] = await others.Servers.CreateDatabaseAsync(name);
            settings[$"ConnectionStrings:{ResourceNames.Messaging}"] = _broker.BrokerOf(name);
        }

        return await _services.StartAsync<TService>(name, settings, "Development", waits: name != ResourceNames.Gateway);
    }
}
