using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using EnergyAspire.Hosting;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Chaos;

/// <summary>The product's servers with the product's settings, on free ports. Their data survives kills and is deleted at the end.</summary>
internal sealed class ChaosServers : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly DistributedApplication _application;
    private readonly Dictionary<Victim, string> _names;

    private ChaosServers(DistributedApplication application, Dictionary<Victim, string> names) => (_application, _names) = (application, names);

    /// <summary>Connection string of the service's database with the service's role.</summary>
    public string Database { get; private set; } = "";

    /// <summary>AMQP connection string.</summary>
    public string Broker { get; private set; } = "";

    public static async Task<ChaosServers> StartAsync(CancellationToken cancel)
    {
        var names = new Dictionary<Victim, string> { [Victim.PostgreSQL] = ResourceNames.Postgres, [Victim.RabbitMQ] = ResourceNames.Messaging };
        var builder = ServerApplication.Create("--Servers=local", "--DurableWrites=true");
        builder.AddDatabaseServer(names[Victim.PostgreSQL], port: 5433)
            .AddServiceDatabase(ResourceNames.MonitoringDatabase, "monitoring_db", role: "monitoring_service");
        builder.AddBroker(names[Victim.RabbitMQ], port: 5673, managementPort: 15673);

        var servers = new ChaosServers(await builder.BuildAsync(cancel), names);
        try
        {
            await servers.StartAllAsync(cancel);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Suspends a server's processes until they are killed. Their connections stay open.</summary>
    public async Task SuspendAsync(Victim victim, CancellationToken cancel)
    {
        using var stop = Process.Start("kill", ["-STOP", .. (await ProcessesAsync(victim, cancel)).Select(process => $"{process}")]);
        await stop.WaitForExitAsync(cancel);
    }

    /// <summary>Kills a server's processes at once, without a shutdown, like a power failure.</summary>
    public async Task KillAsync(Victim victim, CancellationToken cancel)
    {
        foreach (var process in await ProcessesAsync(victim, cancel))
            Kill(process);

        await _application.ResourceNotifications.WaitForResourceAsync(
            _names[victim], change => KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text), cancel);
    }

    /// <summary>Starts a killed server with its existing data and waits until it is ready.</summary>
    public async Task StartAgainAsync(Victim victim, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(StartTimeout);
        var server = await _application.ResourceNotifications.WaitForResourceAsync(_names[victim], _ => true, timeout.Token);
        var started = await _application.ResourceCommands.ExecuteCommandAsync(server.ResourceId, "start", timeout.Token);
        if (!started.Success)
            throw new InvalidOperationException($"{victim} doesn't start again: {started.Message}");

        // The state may still be that of the killed process.
        await _application.ResourceNotifications.WaitForResourceHealthyAsync(_names[victim], WaitBehavior.WaitOnResourceUnavailable, timeout.Token);
    }

    /// <summary>Connects to the broker.</summary>
    public Task<IConnection> ConnectAsync(CancellationToken cancel) => new ConnectionFactory { Uri = new Uri(Broker) }.CreateConnectionAsync(cancel);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task StartAllAsync(CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(StartTimeout);
        await _application.StartAsync(timeout.Token);
        foreach (var victim in _names.Keys)
            await RunningAsync(victim, timeout.Token);
        await _application.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.MonitoringDatabase, timeout.Token);

        Database = (await _application.GetConnectionStringAsync(ResourceNames.MonitoringDatabase, timeout.Token))!;
        Broker = (await _application.GetConnectionStringAsync(_names[Victim.RabbitMQ], timeout.Token))!;
    }

    /// <summary>Finds the descendants of the orchestrator's process, which ends by itself after them.</summary>
    private async Task<List<int>> ProcessesAsync(Victim victim, CancellationToken cancel)
    {
        // Doesn't wait for a healthy state, because a suspended server isn't healthy.
        var server = await _application.ResourceNotifications.WaitForResourceAsync(_names[victim], _ => true, cancel);
        return Descendants(ProcessOf(server));
    }

    private async Task<ResourceEvent> RunningAsync(Victim victim, CancellationToken cancel) =>
        await _application.ResourceNotifications.WaitForResourceHealthyAsync(_names[victim], cancel);

    private static int ProcessOf(ResourceEvent resource) =>
        resource.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is int process
            ? process
            : throw new NotSupportedException($"{resource.Resource.Name} is no process of this machine, so it can't be killed here.");

    private static List<int> Descendants(int ancestor)
    {
        var children = Process.GetProcesses().Select(process => (process.Id, Parent: ParentOf(process.Id))).ToLookup(process => process.Parent, process => process.Id);
        var found = new List<int>(children[ancestor]);
        for (var next = 0; next < found.Count; next++)
            found.AddRange(children[found[next]]);

        return found;
    }

    private static long ParentOf(int process)
    {
        try
        {
            // The state and the parent follow the name, which is in parentheses and may contain any characters.
            var status = File.ReadAllText($"/proc/{process}/stat");
            return long.Parse(status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static void Kill(int process)
    {
        try
        {
            Process.GetProcessById(process).Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            // The process ended together with its parent.
        }
    }
}
