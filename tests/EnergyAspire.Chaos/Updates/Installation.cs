using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using EnergyAspire.Hosting;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Chaos.Updates;

/// <summary>
/// An installation with several replicas of every service and a load balancer before each. The services are processes of this machine with the
/// environment of <c>deploy/compose.yaml</c>, in which only addresses of this machine are replaced.
/// </summary>
internal sealed partial class Installation : IAsyncDisposable
{
    /// <summary>Public host, for which the gateway accepts requests.</summary>
    public const string Host = "energy.example";

    /// <summary>Number of replicas of each service.</summary>
    public const int Replicas = 2;

    /// <summary>The services in the order in which they are updated.</summary>
    public static readonly IReadOnlyList<string> Services =
        [ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring, ResourceNames.Gateway];


    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly ConcurrentDictionary<string, string> _variables = new(StringComparer.Ordinal)
    {
        ["PUBLIC_HOST"] = Host,
        ["FIRST_ADMIN_USERNAME"] = "admin",
    };

    private readonly DistributedApplication _servers;
    private readonly Dictionary<string, int> _ports = Services.ToDictionary(service => service, _ => ServiceProcess.FreePort(), StringComparer.Ordinal);
    private readonly Dictionary<string, LoadBalancer> _balancers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ServiceProcess> _replicas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _connections = new(StringComparer.Ordinal);
    private ServiceProcess? _provisioning;

    private Installation(DistributedApplication servers) => _servers = servers;

    /// <summary>Address of the gateway's load balancer.</summary>
    public Uri Address => _balancers[ResourceNames.Gateway].Address;

    /// <summary>AMQP connection string of the administrator.</summary>
    public string Broker => _connections[ResourceNames.Messaging];

    /// <summary>Returns the number of readings in Monitoring's table, and in its hours.</summary>
    public async Task<(long Stored, long Counted)> ReadingsAsync(CancellationToken cancel)
    {
        await using var database = NpgsqlDataSource.Create(Resolve(ResourceNames.Monitoring, "ConnectionStrings__monitoring-db"));
        await using var count = database.CreateCommand(
            "select (select count(*) from readings), (select coalesce(sum(reading_count), 0)::bigint from hourly_consumption)");
        await using var row = await count.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>Creates a client of the gateway that is signed in as the administrator. It doesn't keep other cookies.</summary>
    public async Task<HttpClient> SignInAsync(CancellationToken cancel)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Host = Host;
        client.DefaultRequestHeaders.Add("X-CSRF", "1");
        using var answer = await client.PostAsJsonAsync("/session", new { username = "admin", password = _variables["FIRST_ADMIN_PASSWORD"] }, cancel);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"The administrator can't sign in: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancel)}");
        client.DefaultRequestHeaders.Add("Cookie", string.Join("; ", answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0])));

        return client;
    }

    /// <summary>Starts the servers, provisions the databases and starts all replicas.</summary>
    /// <param name="checkout">Folder of the built checkout whose services are started.</param>
    public static async Task<Installation> StartAsync(string checkout, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(StartTimeout);
        var builder = ServerApplication.Create("--Servers=local", "--DurableWrites=true");
        builder.AddDatabaseServer(ResourceNames.Postgres);
        var broker = builder.AddBroker(ResourceNames.Messaging);
        foreach (var account in Hosting.Broker.Accounts)
            broker.AddAccount(account);
        builder.AddSharedCache(ResourceNames.Cache);

        var installation = new Installation(await builder.BuildAsync(timeout.Token));
        try
        {
            await installation.StartServersAsync(timeout.Token);
            installation._provisioning = await installation.StartProcessAsync(ResourceNames.Provisioning, checkout);
            foreach (var service in Services)
            {
                installation._balancers[service] = await LoadBalancer.StartAsync(
                    installation._ports[service], terminatesTls: service == ResourceNames.Gateway);
            }

            // The first replica of a service migrates its database and creates the first administrator.
            for (var replica = 0; replica < Replicas; replica++)
                await Task.WhenAll(Services.Select(service => installation.StartReplicaAsync(service, NameOf(service, replica), checkout)));
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a new replica of another checkout, waits until it is ready, and then stops the one that it replaces.</summary>
    /// <returns>How long the new one took to be ready, and the old one to end.</returns>
    public async Task<(TimeSpan Start, TimeSpan End)> ReplaceAsync(string service, int replica, string checkout)
    {
        var started = Stopwatch.GetTimestamp();
        var name = NameOf(service, replica);
        var old = _replicas[name];
        await StartReplicaAsync(service, name, checkout);
        var (start, told) = (Stopwatch.GetElapsedTime(started), Stopwatch.GetTimestamp());
        // The load balancer isn't told before the process has ended. It learns from /health that the replica isn't ready any more.
        var address = old.Client.BaseAddress!;
        await old.DisposeAsync();
        _balancers[service].Remove(address);

        return (start, Stopwatch.GetElapsedTime(told));
    }

    /// <summary>Kills a replica (-9).</summary>
    public Task KillAsync(string service, int replica) => _replicas[NameOf(service, replica)].KillAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_replicas.Values.Append(_provisioning).OfType<ServiceProcess>().Select(process => process.DisposeAsync().AsTask()));
        foreach (var balancer in _balancers.Values)
            await balancer.DisposeAsync();
        await _servers.StopAsync();
        await _servers.DisposeAsync();
    }

    private static string NameOf(string service, int replica) => $"{service} {replica + 1}";

    private async Task StartServersAsync(CancellationToken cancel)
    {
        await _servers.StartAsync(cancel);
        foreach (var server in new[] { ResourceNames.Postgres, ResourceNames.Messaging, ResourceNames.Cache })
        {
            await _servers.ResourceNotifications.WaitForResourceHealthyAsync(server, cancel);
            _connections[server] = await ConnectionStringAsync(server);
        }

        foreach (var account in Hosting.Broker.Accounts)
            _connections[$"{ResourceNames.Messaging}-{account}"] = await ConnectionStringAsync($"{ResourceNames.Messaging}-{account}");

        async Task<string> ConnectionStringAsync(string name) => (await _servers.GetConnectionStringAsync(name, cancel))!;
    }

    private async Task StartReplicaAsync(string service, string name, string checkout)
    {
        var process = await StartProcessAsync(service, checkout);
        _replicas[name] = process;
        _balancers[service].Add(process.Client.BaseAddress!);
    }

    private Task<ServiceProcess> StartProcessAsync(string service, string checkout)
    {
        var project = $"EnergyAspire.{char.ToUpperInvariant(service[0])}{service[1..]}";
        var program = Path.Combine(checkout, Path.GetRelativePath(Repository.Folder, Repository.Program("services", project)));
        var environment = ComposeFile.EnvironmentOf(service).Keys
            // The process gets a free port by itself. It has no port for metrics.
            .Where(name => name is not "ASPNETCORE_HTTP_PORTS" and not "Metrics__Port")
            .ToDictionary(name => name, name => Resolve(service, name), StringComparer.Ordinal);
        // As in the published application.
        environment["Drain__Time"] = "00:00:05";
        // All replicas share a machine that may have few cores.
        environment["Sagas__Deadline"] = "00:00:30";

        return ServiceProcess.StartAsync(program, environment);
    }

    /// <summary>Returns the value of a variable in <c>compose.yaml</c>, with secrets of this run and addresses of this machine.</summary>
    private string Resolve(string service, string name)
    {
        var value = Reference().Replace(
            ComposeFile.EnvironmentOf(service)[name],
            reference => _variables.GetOrAdd(reference.Groups["name"].Value, _ => RandomNumberGenerator.GetHexString(32)));

        switch (name)
        {
            case "ConnectionStrings__postgres":
                return _connections[ResourceNames.Postgres];
            case "ConnectionStrings__messaging":
                return _connections[$"{ResourceNames.Messaging}-{service}"];
            case "ConnectionStrings__cache":
                return _connections[ResourceNames.Cache];
            case "Gateway__TrustedProxies__0":
                return "127.0.0.1";
            case var database when database.StartsWith("ConnectionStrings__", StringComparison.Ordinal):
                var server = new NpgsqlConnectionStringBuilder(_connections[ResourceNames.Postgres]);
                return new NpgsqlConnectionStringBuilder(value) { Host = server.Host, Port = server.Port }.ConnectionString;
            case var address when address.StartsWith("services__", StringComparison.Ordinal):
                return $"http://127.0.0.1:{_ports[new Uri(value).Host]}";
            default:
                return value;
        }
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+):\?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
