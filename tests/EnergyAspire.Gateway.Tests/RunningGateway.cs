using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EnergyAspire.Gateway.Tests;

/// <summary>A gateway on a port of its own with small services behind it.</summary>
public sealed class RunningGateway : IAsyncDisposable
{
    /// <summary>What the gateway answers to those who ask for a session and have none.</summary>
    public static readonly string Nobody = $$"""{"user":null,"version":"{{ProductVersion.Current}}","currency":"EUR"}""";

    private readonly Dictionary<string, string?> _settings;
    private readonly string _environment;
    private readonly List<ServiceHost<Program>> _replicas = [];
    private readonly List<IDisposable> _clients = [];

    private RunningGateway(Dictionary<string, string?> settings, string environment)
    {
        _settings = settings;
        _environment = environment;
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public Dictionary<string, FakeService> Services { get; } = [];

    public FakeIdentity Identity { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public static async Task<RunningGateway> StartAsync(string environment = "Development", params IEnumerable<(string Key, string Value)> settings)
    {
        var gateway = new RunningGateway(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value), environment);
        foreach (var name in new[] { ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring, ResourceNames.Web })
        {
            var service = await FakeService.StartAsync(name);
            gateway.Services[name] = service;
            gateway._settings.TryAdd($"services:{name}:http:0", service.Address);
        }

        // Outside Development the gateway starts with known hosts only. Tests use the loopback address.
        if (!gateway._settings.ContainsKey("Identity:Issuer"))
            gateway._settings.TryAdd("AllowedHosts", "*");

        gateway.Identity = new FakeIdentity(gateway.Services[ResourceNames.Identity]);
        gateway.Identity.Attach();
        gateway.Address = gateway.StartReplica();

        return gateway;
    }

    /// <summary>Starts another process of the gateway, so to speak: it shares the settings, Redis among them if there is one, and nothing else.</summary>
    public Uri StartReplica()
    {
        var replica = new ServiceHost<Program>(_settings, _environment, services => services.AddSingleton<TimeProvider>(Time));
        _replicas.Add(replica);

        return replica.Listen();
    }

    /// <summary>A client that keeps cookies, as a browser does, and sends the header of our pages.</summary>
    public HttpClient Browser(bool csrf = true)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = Address };
        if (csrf)
            client.DefaultRequestHeaders.Add("X-CSRF", "1");
        _clients.Add(client);

        return client;
    }

    /// <summary>A client without cookies.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        _clients.Add(client);

        return client;
    }

    public async Task<HttpClient> SignedInBrowserAsync()
    {
        var browser = Browser();
        var answer = await SignInAsync(browser);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        return browser;
    }

    /// <summary>Signs in and returns the Cookie header of the session.</summary>
    public async Task<string> SessionCookieAsync()
    {
        using var client = Client();
        client.DefaultRequestHeaders.Add("X-CSRF", "1");
        using var answer = await SignInAsync(client);

        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    public static Task<HttpResponseMessage> SignInAsync(HttpClient client, string password = "right") =>
        client.PostAsJsonAsync("/session", new { username = "alice", password });

    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, params IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        return await client.SendAsync(request);
    }

    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);

        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        foreach (var service in Services.Values)
            await service.DisposeAsync();
    }
}
