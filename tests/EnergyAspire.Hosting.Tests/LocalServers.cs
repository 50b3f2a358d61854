using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using EnergyAspire.Testing;
using Npgsql;
using RabbitMQ.Client;

namespace EnergyAspire.Hosting.Tests;

/// <summary>An application that has nothing but local servers.</summary>
internal sealed class LocalServers : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DistributedApplication _app;

    private LocalServers(DistributedApplication app) => _app = app;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ResourceNotificationService Notifications => _app.ResourceNotifications;

    /// <summary>Starts servers and waits until they are healthy.</summary>
    public static async Task<LocalServers> StartAsync(bool postgres = false, bool broker = false, params string[] settings)
    {
        var servers = await BeginAsync(postgres, broker, settings);
        try
        {
            foreach (var name in new[] { postgres ? "postgres" : null, broker ? "messaging" : null }.OfType<string>())
                await servers.HealthyAsync(name);

            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts servers and doesn't wait for them.</summary>
    public static Task<LocalServers> BeginAsync(bool postgres = false, bool broker = false, params string[] settings) =>
        BeginAsync(postgres, broker, cache: false, settings);

    /// <summary>Starts servers and doesn't wait for them.</summary>
    public static async Task<LocalServers> BeginAsync(bool postgres, bool broker, bool cache, params string[] settings)
    {
        var builder = ServerApplication.Create(["--Servers=local", .. settings]);
        var server = postgres ? builder.AddDatabaseServer("postgres", port: 15433) : null;
        server?.AddServiceDatabase("things", "things_db", role: "things_service");
        var messaging = broker ? builder.AddBroker("messaging", port: 15673, managementPort: 25673) : null;
        if (cache)
            builder.AddSharedCache("cache");
        if (server is not null && messaging is not null)
            server.WithBackupCommand(messaging, Path.Combine(Repository.Folder, "deploy", "backup.sh"), ".data/backups");

        var app = await builder.BuildAsync(Cancel).WaitAsync(Patience, Cancel);
        try
        {
            await app.StartAsync(Cancel).WaitAsync(Patience, Cancel);
            return new LocalServers(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    // While a resource is restarted, Aspire may report states of the process before.
    public Task<ResourceEvent> HealthyAsync(string name) =>
        Notifications.WaitForResourceHealthyAsync(name, WaitBehavior.WaitOnResourceUnavailable, Cancel).WaitAsync(Patience, Cancel);

    public Task<ResourceEvent> InStateAsync(string name, Func<ResourceEvent, bool> condition) =>
        Notifications.WaitForResourceAsync(name, condition, Cancel).WaitAsync(Patience, Cancel);

    public async Task CommandAsync(string name, string command)
    {
        var (success, message) = await TryCommandAsync(name, command);
        Assert.True(success, message);
    }

    public async Task<(bool Success, string? Message)> TryCommandAsync(string name, string command)
    {
        var resource = await Notifications.WaitForResourceAsync(name, _ => true, Cancel);
        var done = await _app.ResourceCommands.ExecuteCommandAsync(resource.ResourceId, command, Cancel).WaitAsync(Patience, Cancel);
        return (done.Success, done.Message);
    }

    public async Task<string> AddressAsync(string name) => (await _app.GetConnectionStringAsync(name, Cancel))!;

    public Uri Management => _app.GetEndpoint("messaging", "management");

    public async Task<NpgsqlDataSource> DatabaseAsync(string name = "things") => NpgsqlDataSource.Create(await AddressAsync(name));

    public async Task<IConnection> ConnectAsync() =>
        await new ConnectionFactory { Uri = new Uri(await AddressAsync("messaging")), AutomaticRecoveryEnabled = false }.CreateConnectionAsync(Cancel);

    /// <summary>Waits until a server's log says something.</summary>
    public async Task SaysAsync(string name, string words) => await Eventually.GetAsync(
        () => LogAsync(name), log => log.Contains(words, StringComparison.Ordinal), $"the log of {name} says: {words}");

    private async Task<string> LogAsync(string name)
    {
        var logs = (ResourceLoggerService)_app.Services.GetService(typeof(ResourceLoggerService))!;
        var resource = await Notifications.WaitForResourceAsync(name, _ => true, Cancel);
        var lines = new List<string>();
        await foreach (var batch in logs.GetAllAsync(resource.ResourceId))
            lines.AddRange(batch.Select(line => line.Content));
        await foreach (var batch in logs.GetAllAsync(resource.Resource))
            lines.AddRange(batch.Select(line => line.Content));

        return string.Join('\n', lines);
    }

    /// <summary>The folder that a server runs in.</summary>
    public async Task<string> FolderAsync(string name)
    {
        var resource = await InStateAsync(name, change => change.Snapshot.State?.Text == KnownResourceStates.Running);
        return (string)resource.Snapshot.Properties.Single(property => property.Name == "executable.workDir").Value!;
    }

    /// <summary>The process of the server that runs in a folder; 0 when there is none.</summary>
    public static int ProcessIn(string folder) =>
        Read(Path.Combine(folder, "server.pid")) is { } text && int.TryParse(text, CultureInfo.InvariantCulture, out var process) && Directory.Exists($"/proc/{process}")
            ? process
            : 0;

    public static async Task GoneAsync(int process) => await Eventually.TrueAsync(
        () => Task.FromResult(Read($"/proc/{process}/stat")?.Contains(") Z ", StringComparison.Ordinal) ?? true), $"process {process} is gone", TimeSpan.FromMinutes(1));

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static async Task KillAsync(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
