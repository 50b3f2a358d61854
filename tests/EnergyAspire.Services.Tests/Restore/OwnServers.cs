using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using EnergyAspire.Contracts;
using EnergyAspire.Hosting;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Services.Tests.Restore;

/// <summary>The product's servers with the product's settings, which a test may destroy. They are programs of this machine, so that they can be killed.</summary>
internal sealed class OwnServers : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private static readonly (string Resource, string Database, string Role)[] ServiceDatabases =
    [
        (ResourceNames.AuthDatabase, "auth_db", "auth_service"),
        (ResourceNames.UserDatabase, "user_db", "user_service"),
        (ResourceNames.DeviceDatabase, "device_db", "device_service"),
        (ResourceNames.MonitoringDatabase, "monitoring_db", "monitoring_service"),
    ];

    private readonly DistributedApplication _application;

    private OwnServers(DistributedApplication application) => _application = application;

    /// <summary>Names of the databases, in the services' order.</summary>
    public static IEnumerable<string> DatabaseNames => ServiceDatabases.Select(database => database.Database);

    /// <summary>PostgreSQL's administrator.</summary>
    public string Postgres { get; private set; } = "";

    /// <summary>The broker's administrator.</summary>
    public string Broker { get; private set; } = "";

    /// <summary>Address of the broker's management page.</summary>
    public Uri Management => _application.GetEndpoint(ResourceNames.Messaging, "management");

    /// <summary>Connection strings of the services' databases, with the services' roles, by resource name.</summary>
    public Dictionary<string, string> Databases { get; } = new(StringComparer.Ordinal);

    /// <summary>The broker's accounts, by name.</summary>
    public Dictionary<string, string> Accounts { get; } = new(StringComparer.Ordinal);

    /// <summary>Connection string of Redis; empty without it.</summary>
    public string Cache { get; private set; } = "";

    public static async Task<OwnServers> StartAsync(bool withCache = false)
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = ServerApplication.Create("--Servers=local", "--DurableWrites=true");
        var postgres = builder.AddDatabaseServer(ResourceNames.Postgres);
        foreach (var (resource, database, role) in ServiceDatabases)
            postgres.AddServiceDatabase(resource, database, role);
        var broker = builder.AddBroker(ResourceNames.Messaging);
        var accounts = Hosting.Broker.Accounts.ToDictionary(account => account, account => broker.AddAccount(account).Resource.Name, StringComparer.Ordinal);

        if (withCache)
            builder.AddSharedCache(ResourceNames.Cache);

        var servers = new OwnServers(await builder.BuildAsync(timeout.Token));
        try
        {
            await servers.StartAllAsync(accounts, timeout.Token);
            if (withCache)
            {
                await servers._application.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Cache, timeout.Token);
                servers.Cache = (await servers._application.GetConnectionStringAsync(ResourceNames.Cache, timeout.Token))!;
            }

            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills every process of PostgreSQL (-9) and deletes its data.</summary>
    public async Task DestroyPostgresAsync()
    {
        var resource = await _application.ResourceNotifications.WaitForResourceAsync(ResourceNames.Postgres, _ => true);
        var folder = (string)resource.Snapshot.Properties.Single(property => property.Name == "executable.workDir").Value!;
        var data = Path.Combine(folder, "data");
        var server = int.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "server.pid")), CultureInfo.InvariantCulture);
        using (var kill = Process.Start("kill", ["-KILL", $"{server}", .. ProcessesIn(data).Where(process => process != server).Select(process => $"{process}")]))
            await kill.WaitForExitAsync();

        await Eventually.TrueAsync(() => Task.FromResult(!ProcessesIn(data).Any()), "PostgreSQL's processes are gone");
        Directory.Delete(data, recursive: true);
    }

    /// <summary>Empties the queues of events, and leaves the readings in their queue.</summary>
    public async Task PurgeEventsAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(Broker) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in Topology.EventQueues)
            await channel.QueuePurgeAsync(queue.Name);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task StartAllAsync(Dictionary<string, string> accounts, CancellationToken cancel)
    {
        await _application.StartAsync(cancel);
        foreach (var resource in ServiceDatabases.Select(database => database.Resource).Append(ResourceNames.Messaging))
            await _application.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancel);

        Postgres = (await _application.GetConnectionStringAsync(ResourceNames.Postgres, cancel))!;
        Broker = (await _application.GetConnectionStringAsync(ResourceNames.Messaging, cancel))!;
        foreach (var (resource, _, _) in ServiceDatabases)
            Databases[resource] = (await _application.GetConnectionStringAsync(resource, cancel))!;
        foreach (var (account, resource) in accounts)
            Accounts[account] = (await _application.GetConnectionStringAsync(resource, cancel))!;
    }

    private static IEnumerable<int> ProcessesIn(string folder)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var id) && FolderOf(process) == folder)
                yield return id;
        }
    }

    private static string? FolderOf(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd")).LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
