using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Identity;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Services.Tests;
using EnergyAspire.Services.Tests.Sagas;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using DeviceData = EnergyAspire.Devices.Data.DeviceDbContext;
using MonitoringData = EnergyAspire.Monitoring.Data.MonitoringDbContext;
using UserData = EnergyAspire.Users.Data.UserDbContext;

[assembly: AssemblyFixture(typeof(ServiceSystem))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace EnergyAspire.Services.Tests;

/// <summary>Two Identity processes and a spare one, and Users, Devices and Monitoring behind relays; four databases, one broker.</summary>
public sealed class ServiceSystem : IAsyncLifetime
{
    private const string AdminPassword = "the first administrator's";
    private const string Secret = "a service's secret, for these tests";

    /// <summary>Quicker than in life to find out a death, and more patient with services on a busy machine.</summary>
    private static readonly Dictionary<string, string> Timing = new()
    {
        ["Sagas__Deadline"] = "00:00:30",
        ["Sagas__StepTimeout"] = "00:00:02",
        ["Sagas__Lease"] = "00:00:02.500",
        ["Sagas__CompensationWait"] = "00:00:01",
    };

    private readonly List<IAsyncDisposable> _hosts = [];
    private Dictionary<string, string> _identitySettings = [];
    private IdentityProcess _spare = null!;
    private Task _spareStarts = Task.CompletedTask;

    /// <summary>Connection string of Identity's database.</summary>
    public string AuthDatabase { get; private set; } = "";

    /// <summary>PostgreSQL and RabbitMQ.</summary>
    public TestServers Servers { get; } = new();

    /// <summary>One replica, which callers call.</summary>
    public IdentityProcess Identity { get; private set; } = null!;

    /// <summary>The other replica.</summary>
    public IdentityProcess Other { get; private set; } = null!;

    public Relay Users { get; private set; } = null!;

    public Relay Devices { get; private set; } = null!;

    public Relay Monitoring { get; private set; } = null!;

    /// <summary>The four databases.</summary>
    public Databases Databases { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Servers.InitializeAsync();
        var auth = AuthDatabase = await Servers.CreateDatabaseAsync("auth_db");
        var users = await Servers.CreateDatabaseAsync("user_db");
        var devices = await Servers.CreateDatabaseAsync("device_db");
        var monitoring = await Servers.CreateDatabaseAsync("monitoring_db");
        Databases = new Databases(Open(auth), Open(users), Open(devices), Open(monitoring));

        // Identity learns of the relays, which must know the services, which must know Identity's keys.
        _identitySettings = IdentitySettings(auth);
        Identity = new IdentityProcess(_identitySettings);
        Other = new IdentityProcess(_identitySettings);
        _spare = new IdentityProcess(_identitySettings);
        Users = await StartServiceAsync<UserData>(ResourceNames.Users, ResourceNames.UserDatabase, users);
        Devices = await StartServiceAsync<DeviceData>(ResourceNames.Devices, ResourceNames.DeviceDatabase, devices);
        Monitoring = await StartServiceAsync<MonitoringData>(ResourceNames.Monitoring, ResourceNames.MonitoringDatabase, monitoring);
        _identitySettings["services__users__http__0"] = Users.Address;
        _identitySettings["services__devices__http__0"] = Devices.Address;

        await Identity.StartAsync();
        await Other.StartAsync();
        _spareStarts = _spare.StartAsync();
        await RegisterAsync(Identity.Client, new { username = "warm-up", password = AdminPassword });
        // Every service has to know Identity's keys before the process that it asks for them is killed.
        await AddPersonAsync("first", AdminPassword);
        await Gate.InstallAsync(Databases.Auth);
    }

    /// <summary>
    /// Makes the other replica the one that callers call and the spare one the other; the one that was called, which may be dead, starts
    /// meanwhile to be the next spare one.
    /// </summary>
    public async Task SwapAsync()
    {
        await _spareStarts;
        (Identity, Other, _spare) = (Other, _spare, Identity);
        _spareStarts = _spare.StartAsync();
        await Task.WhenAll(Identity.StartAsync(), Other.StartAsync());
    }

    /// <summary>Another replica with settings of its own.</summary>
    public IdentityProcess AddReplica(params (string Key, string Value)[] settings)
    {
        var own = new Dictionary<string, string>(_identitySettings);
        foreach (var (key, value) in settings)
            own[key] = value;

        return new IdentityProcess(own);
    }

    /// <summary>A replica in this process, with settings of its own. It hashes passwords with little work, and ends without grace.</summary>
    public ServiceHost<IdentitySettings> CreateIdentity(IReadOnlyDictionary<string, string?> settings)
    {
        var own = _identitySettings.ToDictionary(setting => setting.Key.Replace("__", ":", StringComparison.Ordinal), setting => (string?)setting.Value);
        foreach (var (key, value) in settings)
            own[key] = value;

        return new ServiceHost<IdentitySettings>(own, configure: services =>
        {
            InProcessServices.TrustIdentity(services, Identity.Address);
            services.AddLogging(logging => logging.ClearProviders());
            services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1000);
            services.PostConfigure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        });
    }

    /// <summary>Signs in at the replica that callers call.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string username, string password) =>
        await Identity.Client.PostAsJsonAsync("/api/auth/login", new { username, password });

    /// <summary>A request of the first administrator.</summary>
    public Task<HttpRequestMessage> AdminAsync(HttpMethod method, string path, object? body = null) =>
        AsAsync("root", AdminPassword, method, path, body);

    /// <summary>A request of somebody who signs in for it.</summary>
    public async Task<HttpRequestMessage> AsAsync(string username, string password, HttpMethod method, string path, object? body = null) =>
        With(await TokenAsync(username, password), method, path, body);

    /// <summary>Registers somebody and gives them two devices; returns the account's id.</summary>
    /// <param name="identity">Replica to register at; null for the one that callers call.</param>
    public async Task<Guid> AddPersonAsync(string username, string password, HttpClient? identity = null)
    {
        var answer = await RegisterAsync(identity ?? Identity.Client, new { username, password, fname = "Old" });
        var id = answer.GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid();

        using var devices = new HttpClient { BaseAddress = new Uri(Devices.Address) };
        var admin = await TokenAsync("root", AdminPassword);
        for (var number = 0; number < 2; number++)
        {
            var device = await AddDeviceAsync($"Meter of {username}");
            using var assign = With(admin, HttpMethod.Post, "/api/mappings/assign", new { user_id = id, device_id = device });
            using var assigned = await devices.SendAsync(assign);
            Assert.Equal(HttpStatusCode.Created, assigned.StatusCode);
        }

        return id;
    }

    /// <summary>Adds a device and returns its id.</summary>
    public async Task<Guid> AddDeviceAsync(string name)
    {
        using var devices = new HttpClient { BaseAddress = new Uri(Devices.Address) };
        using var create = await AdminAsync(HttpMethod.Post, "/api/devices", new { name, max_consumption = 1 });
        using var created = await devices.SendAsync(create);

        return (await created.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("device").GetProperty("id").GetGuid();
    }

    public async ValueTask DisposeAsync()
    {
        Identity?.Dispose();
        Other?.Dispose();
        _spare?.Dispose();
        foreach (var host in Enumerable.Reverse(_hosts))
            await host.DisposeAsync();
        await Servers.DisposeAsync();
    }

    private static HttpRequestMessage With(string token, HttpMethod method, string path, object? body) => new(method, new Uri(path, UriKind.Relative))
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        Content = body is null ? null : JsonContent.Create(body),
    };

    /// <summary>
    /// Registers somebody and returns the answer. The first calls of everything may take longer on a busy machine than a saga waits; it undoes the
    /// registration then, which is asked for again until the name is free.
    /// </summary>
    private static async Task<JsonElement> RegisterAsync(HttpClient identity, object person)
    {
        JsonElement answer = default;
        await Eventually.TrueAsync(
            async () =>
            {
                using var registered = await identity.PostAsJsonAsync("/api/auth/register", person);
                answer = await registered.Content.ReadFromJsonAsync<JsonElement>();
                Assert.True(
                    registered.StatusCode is HttpStatusCode.Created or HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict, $"{registered.StatusCode}: {answer}");
                return registered.IsSuccessStatusCode;
            },
            "somebody is registered", TimeSpan.FromMinutes(2));

        return answer;
    }

    private async Task<string> TokenAsync(string username, string password)
    {
        using var signIn = await SignInAsync(username, password);
        signIn.EnsureSuccessStatusCode();

        return (await signIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens").GetProperty("access").GetString()!;
    }

    private NpgsqlDataSource Open(string database)
    {
        var source = NpgsqlDataSource.Create(database);
        _hosts.Add(source);

        return source;
    }

    private Dictionary<string, string> IdentitySettings(string database) => new(Timing)
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        [$"ConnectionStrings__{ResourceNames.AuthDatabase}"] = database,
        [$"ConnectionStrings__{ResourceNames.Messaging}"] = Servers.BrokerOf(ResourceNames.Identity),
        ["Identity__Issuer"] = "http://energy.test/",
        ["Identity__KeyPassphrase"] = "only for these tests, not a secret",
        ["Identity__FirstAdmin__Username"] = "root",
        ["Identity__FirstAdmin__Password"] = AdminPassword,
        ["Identity__ServiceSecrets__identity"] = Secret,
        ["ServiceAccount__ClientId"] = "identity",
        ["ServiceAccount__ClientSecret"] = Secret,
    };

    private async Task<Relay> StartServiceAsync<TContext>(string name, string databaseName, string database)
        where TContext : class
    {
        var host = new ServiceHost<TContext>(
            new Dictionary<string, string?>
            {
                [$"ConnectionStrings:{databaseName}"] = database,
                [$"ConnectionStrings:{ResourceNames.Messaging}"] = Servers.BrokerOf(name),
                ["services:identity:http:0"] = Identity.Address,
                ["ServiceAccount:ClientId"] = "unused",
                ["ServiceAccount:ClientSecret"] = Secret,
            },
            configure: services => InProcessServices.TrustIdentity(services, Identity.Address));
        _hosts.Add(host);

        var relay = new Relay(host.Listen());
        await relay.StartAsync();
        _hosts.Add(relay);

        return relay;
    }
}
