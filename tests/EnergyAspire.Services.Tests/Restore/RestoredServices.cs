using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using EnergyAspire.Identity;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using DeviceData = EnergyAspire.Devices.Data.DeviceDbContext;
using MonitoringData = EnergyAspire.Monitoring.Data.MonitoringDbContext;
using UserData = EnergyAspire.Users.Data.UserDbContext;

namespace EnergyAspire.Services.Tests.Restore;

/// <summary>The four services in this process, on given servers, before or after a restoration.</summary>
internal sealed class RestoredServices : IAsyncDisposable
{
    /// <summary>Name of the first administrator.</summary>
    public const string Admin = "root";

    /// <summary>Password of the first administrator.</summary>
    public const string AdminPassword = "the first administrator's";

    private readonly InProcessServices _services = new(Configure);
    private readonly Dictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string> _databases;
    private readonly IReadOnlyDictionary<string, string> _accounts;

    private RestoredServices(IReadOnlyDictionary<string, string> databases, IReadOnlyDictionary<string, string> accounts) =>
        (_databases, _accounts) = (databases, accounts);

    /// <summary>Starts the services and waits until they are ready and accept tokens.</summary>
    /// <param name="databases">Connection strings by resource name.</param>
    /// <param name="accounts">The broker's accounts by name.</param>
    public static async Task<RestoredServices> StartAsync(IReadOnlyDictionary<string, string> databases, IReadOnlyDictionary<string, string> accounts)
    {
        var services = new RestoredServices(databases, accounts);
        try
        {
            await services.StartAsync<UserData>(ResourceNames.Users, ResourceNames.UserDatabase);
            await services.StartAsync<DeviceData>(ResourceNames.Devices, ResourceNames.DeviceDatabase);
            await services.StartAsync<MonitoringData>(ResourceNames.Monitoring, ResourceNames.MonitoringDatabase);
            await services.StartAsync<IdentitySettings>(ResourceNames.Identity, ResourceNames.AuthDatabase);
            await Eventually.TrueAsync(
                async () => await services.IsReadyAsync(ResourceNames.Devices, "/api/devices")
                    && await services.IsReadyAsync(ResourceNames.Monitoring, "/api/monitoring/devices"),
                "the services accept tokens");
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers a client and returns the response's status.</summary>
    public async Task<HttpStatusCode> RegisterAsync(string username, string password)
    {
        using var answer = await _clients[ResourceNames.Identity].PostAsJsonAsync("/api/auth/register", new { username, password });
        return answer.StatusCode;
    }

    /// <summary>Signs in and returns the account's id and an access token.</summary>
    public async Task<(Guid Id, string Token)> SignInAsync(string username, string password)
    {
        using var answer = await _clients[ResourceNames.Identity].PostAsJsonAsync("/api/auth/login", new { username, password });
        Assert.True(answer.IsSuccessStatusCode, $"{username} can't sign in: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        var tokens = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens");

        return (tokens.GetProperty("user").GetProperty("id").GetGuid(), tokens.GetProperty("access").GetString()!);
    }

    /// <summary>Sends a request of the first administrator and returns the response's body.</summary>
    public async Task<JsonElement> AdminAsync(string service, HttpMethod method, string path, object? body = null)
    {
        using var request = await RequestAsync(method, path);
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await _clients[service].SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");

        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Verifies the ledger and returns the events in their order.</summary>
    public async Task<List<(string Type, JsonElement Data)>> VerifyLedgerAsync()
    {
        using var request = await RequestAsync(HttpMethod.Get, "/api/monitoring/ledger?verify=true");
        using var answer = await _clients[ResourceNames.Monitoring].SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        var events = new List<(string, JsonElement)>();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync()).EnumerateAsync())
            events.Add((item.EventType, JsonElement.Parse(item.Data)));

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
        await _services.DisposeAsync();
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path) => new(method, new Uri(path, UriKind.Relative))
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", (await SignInAsync(Admin, AdminPassword)).Token) },
    };

    private async Task<bool> IsReadyAsync(string service, string path)
    {
        using var request = await RequestAsync(HttpMethod.Get, path);
        using var answer = await _clients[service].SendAsync(request);
        return answer.IsSuccessStatusCode;
    }

    private async Task StartAsync<TService>(string name, string database)
        where TService : class
    {
        var address = await _services.StartAsync<TService>(name, new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{database}"] = _databases[database],
            [$"ConnectionStrings:{ResourceNames.Messaging}"] = _accounts[name],
            ["Identity:FirstAdmin:Username"] = Admin,
            ["Identity:FirstAdmin:Password"] = AdminPassword,
        });
        _clients[name] = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };
    }

    private static void Configure(IServiceCollection services)
    {
        services.AddLogging(logging => logging.ClearProviders());
        // When the database is away, there is nothing to wait for.
        services.PostConfigure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(2));
    }
}
