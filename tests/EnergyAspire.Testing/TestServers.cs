using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using EnergyAspire.Hosting;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

namespace EnergyAspire.Testing;

/// <summary>Connection strings of running servers.</summary>
/// <param name="Postgres">PostgreSQL's administrator.</param>
/// <param name="Broker">The broker's administrator.</param>
/// <param name="Management">Address of the broker's management page.</param>
/// <param name="Mqtt">Address of the broker for MQTT.</param>
/// <param name="Accounts">The broker's accounts, by name.</param>
public sealed record RunningServers(string Postgres, string Broker, Uri Management, Uri Mqtt, IReadOnlyDictionary<string, string> Accounts);

/// <summary>
/// A PostgreSQL server and a RabbitMQ broker for tests, on free ports and with temporary data. They run for all test programs of a run if the
/// environment variable <see cref="FileVariable"/> names a file with their <see cref="RunningServers"/>; otherwise for one program, whose
/// assembly fixture this is. Tests share the servers and nothing in them: each fixture has its own databases and virtual host.
/// </summary>
public sealed class TestServers : IAsyncLifetime
{
    /// <summary>Environment variable that <c>test.sh</c> sets.</summary>
    public const string FileVariable = "TEST_SERVERS";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _templates = new(StringComparer.Ordinal);
    private DistributedApplication? _app;

    private string _path = "";

    /// <summary>Connection strings of the servers.</summary>
    public RunningServers Running { get; private set; } = null!;

    /// <summary>AMQP connection string of the broker's administrator, with the virtual host of this program.</summary>
    public string Broker => Running.Broker + _path;

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } file)
        {
            Running = JsonSerializer.Deserialize<RunningServers>(await File.ReadAllTextAsync(file))!;
            // Other programs use the same broker. Their consumers would take this one's messages.
            _path = $"/{(await CreateVirtualHostAsync()).Name}";
            return;
        }

        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = ServerApplication.Create();
        builder.AddDatabaseServer("postgres");
        var broker = builder.AddBroker("messaging");
        var accounts = Hosting.Broker.Accounts.ToDictionary(account => account, account => broker.AddAccount(account).Resource.Name);

        _app = await builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("postgres", timeout.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("messaging", timeout.Token);

        var connections = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (account, resource) in accounts)
            connections[account] = await ConnectionStringAsync(resource, timeout.Token);
        Running = new RunningServers(
            await ConnectionStringAsync("postgres", timeout.Token), await ConnectionStringAsync("messaging", timeout.Token),
            _app.GetEndpoint("messaging", "management"), _app.GetEndpoint("messaging", "mqtt"), connections);
    }

    /// <summary>AMQP connection string of an account, such as <c>users</c>, with the virtual host of this program.</summary>
    public string BrokerOf(string account) => Running.Accounts[account] + _path;

    /// <summary>Virtual host of this program, encoded for a path.</summary>
    public string VirtualHost => _path.Length > 1 ? _path[1..] : "%2F";

    /// <summary>Name and password of an account for MQTT, with the virtual host of this program.</summary>
    public (string User, string Password) MqttAccountOf(string account) => (
        $"{Uri.UnescapeDataString(VirtualHost)}:{account}", Uri.UnescapeDataString(new Uri(Running.Accounts[account]).UserInfo.Split(':')[1]));

    /// <summary>A client of the broker's management API with the administrator's account.</summary>
    public HttpClient ManagementClient() => new()
    {
        BaseAddress = Running.Management,
        DefaultRequestHeaders =
        {
            Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(new Uri(Running.Broker).UserInfo)))),
        },
    };

    /// <summary>Creates a virtual host with the product's queues and permissions. Tests in separate virtual hosts don't share queues.</summary>
    public async Task<TestVirtualHost> CreateVirtualHostAsync()
    {
        var name = $"test-{Guid.NewGuid():N}";
        var administrator = new Uri(Running.Broker).UserInfo;
        using var http = ManagementClient();
        using var answer = await http.PostAsync(
            new Uri("/api/definitions", UriKind.Relative),
            new StringContent(Definitions(name, administrator.Split(':')[0]), Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();

        return new TestVirtualHost(name, this);
    }

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public Task<string> CreateDatabaseAsync(string name) => CreateAsync(name, template: null);

    /// <summary>
    /// Creates a database with all migrations of a context applied and no other data, and returns its connection string. The migrations run once, in
    /// a template database; each database is a copy of it.
    /// </summary>
    /// <param name="name">Prefix of the database's name. Each context must have its own.</param>
    /// <param name="open">Creates the context, without seeding data.</param>
    public async Task<string> CreateMigratedDatabaseAsync<TContext>(string name, Func<DbContextOptions<TContext>, TContext> open)
        where TContext : DbContext
    {
        var template = _templates.GetOrAdd(name, _ => new Lazy<Task<string>>(async () =>
        {
            // Without a connection pool, because a database with open connections can't be copied.
            var database = new NpgsqlConnectionStringBuilder(await CreateAsync($"{name}_template", template: null)) { Pooling = false };
            await using var db = open(
                new DbContextOptionsBuilder<TContext>().UseNpgsql(database.ConnectionString).UseSnakeCaseNamingConvention().Options);
            await db.Database.MigrateAsync();

            return database.Database!;
        }));

        return await CreateAsync(name, await template.Value);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_app is null)
            return;

        // Without the stop the servers would still write to their folders while these are deleted.
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Returns the product's broker definitions for another virtual host, without the accounts, which exist already.</summary>
    private static string Definitions(string virtualHost, string administrator)
    {
        using var file = typeof(Hosting.Broker).Assembly.GetManifestResourceStream("broker-definitions.json")!;
        var definitions = JsonNode.Parse(file)!.AsObject();
        definitions.Remove("users");
        definitions["permissions"]!.AsArray().Add(new JsonObject { ["user"] = administrator, ["configure"] = ".*", ["write"] = ".*", ["read"] = ".*" });
        foreach (var (kind, items) in definitions)
        {
            foreach (var item in items!.AsArray())
                item![kind == "vhosts" ? "name" : "vhost"] = virtualHost;
        }

        return definitions.ToJsonString();
    }

    private async Task<string> CreateAsync(string name, string? template)
    {
        var database = $"{name}_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(Running.Postgres);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {database}{(template is null ? "" : $" template {template}")}", connection);
        await create.ExecuteNonQueryAsync();

        return new NpgsqlConnectionStringBuilder(Running.Postgres) { Database = database, MaxPoolSize = 20 }.ConnectionString;
    }

    private async Task<string> ConnectionStringAsync(string resource, CancellationToken cancel) =>
        await _app!.GetConnectionStringAsync(resource, cancel)
        ?? throw new InvalidOperationException($"The resource {resource} has no connection string.");
}

/// <summary>A virtual host of the broker.</summary>
/// <param name="Name">Name of the virtual host.</param>
/// <param name="Servers">Servers of the virtual host.</param>
public sealed record TestVirtualHost(string Name, TestServers Servers)
{
    /// <summary>AMQP connection string of an account, such as <c>users</c>.</summary>
    public string BrokerOf(string account) => $"{Servers.Running.Accounts[account]}/{Name}";
}
