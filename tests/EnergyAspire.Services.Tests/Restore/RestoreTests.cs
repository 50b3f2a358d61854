using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Services.Tests.Restore;

/// <summary>The restore drill: PostgreSQL is backed up under load, killed, deleted and restored by the scripts in the folder deploy.</summary>
public sealed class RestoreTests
{
    private const string Password = "correct horse battery";
    private const int People = 5;
    private const int LaterReadings = 200;

    private static readonly TimeSpan TimeBeforeBackup = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TimeAfterBackup = TimeSpan.FromSeconds(3);

    private readonly ConcurrentBag<string> _registered = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_restoration_everything_works_and_only_what_was_committed_after_the_backup_is_lost()
    {
        // Open to PostgreSQL's user, which the home folder of the test's user may not be.
        var folder = Directory.CreateDirectory(Path.Combine("/var/tmp", $"energyaspire-restore-{Guid.NewGuid():N}")).FullName;
        try
        {
            await using var servers = await OwnServers.StartAsync();
            await DrillAsync(servers, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task DrillAsync(OwnServers servers, string folder)
    {
        var passphrase = Path.Combine(folder, "passphrase");
        await DeployScript.WriteSecretAsync(passphrase, "only for this test");

        // Under load: readings, registrations and marks.
        await using var services = await RestoredServices.StartAsync(servers.Databases, servers.Accounts);
        var devices = await AddPeopleAsync(services, servers);
        await using var readings = await ReadingStream.ConnectAsync(servers.Accounts["meters"], devices);
        readings.Start();
        await using var marks = await MomentMarks.StartAsync(servers.Postgres);
        using var enough = new CancellationTokenSource();
        var registrations = RegisterAsync(services, enough.Token);
        await Task.Delay(TimeBeforeBackup, Cancel);

        var before = await StoredAsync(servers.Postgres);
        var (backup, backupTime) = await BackUpAsync(servers, folder, passphrase);
        var after = await StoredAsync(servers.Postgres);
        await Task.Delay(TimeAfterBackup, Cancel);

        var atTheEnd = await StoredAsync(servers.Postgres);
        await servers.DestroyPostgresAsync();
        await enough.CancelAsync();
        await registrations;
        await marks.StopAsync();
        await services.DisposeAsync();
        await readings.StopAsync();
        var published = readings.Confirmed;
        var queued = await ReadingStream.PeekAsync(servers.Broker);

        // Restored: the state of one moment in the backup.
        var (program, data, restoreTime) = await RestoreAsync(backup, folder, passphrase);
        var administrator = new NpgsqlConnectionStringBuilder(servers.Postgres) { Port = ServiceProcess.FreePort() };
        await using var postgres = await RestoredPostgres.StartAsync(program, data, administrator);
        var restored = await StoredAsync(administrator.ConnectionString);
        Assert.Subset(restored, before);
        Assert.Subset(after, restored);
        var moments = await MomentMarks.ReadAsync(administrator.ConnectionString);
        Assert.True(
            moments[0] > 0 && moments.SequenceEqual(moments.OrderDescending()) && moments[^1] >= moments[0] - 1,
            $"The databases are of different moments: {string.Join(", ", moments)}.");

        // Events after the backup are about accounts that the restored databases don't know.
        await servers.PurgeEventsAsync();

        // The same broker: what was not acknowledged is stored now, and what meters report from now on.
        var databases = servers.Databases.ToDictionary(
            database => database.Key,
            database => new NpgsqlConnectionStringBuilder(database.Value) { Port = administrator.Port }.ConnectionString);
        await using var restoredServices = await RestoredServices.StartAsync(databases, servers.Accounts);
        await readings.PublishAsync(LaterReadings);
        var expected = restored.Union(queued).Union(readings.Confirmed.Except(published)).ToHashSet();
        await Eventually.TrueAsync(
            async () => (await StoredAsync(administrator.ConnectionString)).Count >= expected.Count, "the readings in the queue are stored");
        var stored = await StoredAsync(administrator.ConnectionString);
        Assert.True(stored.SetEquals(expected), $"{stored.Count} readings are stored, of which {stored.Except(expected).Count()} are unexpected, {expected.Count} expected.");

        var lost = published.Except(stored).ToHashSet();
        Assert.NotEmpty(lost);
        Assert.Empty(lost.Intersect(before));
        Assert.Empty(lost.Intersect(queued));
        Assert.True(lost.IsSupersetOf(atTheEnd.Except(restored).Except(queued)), "What was committed after the backup is lost.");

        await CheckServicesAsync(restoredServices, databases);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            backup {backupTime.TotalSeconds:0.0} s, restore {restoreTime.TotalSeconds:0.0} s; {published.Count} readings published before the kill, {restored.Count}
            stored in the backup, {queued.Count} in the queue, {lost.Count} lost; marks {string.Join(", ", moments)}; {_registered.Count} registrations
            """));
    }

    /// <summary>Adds accounts with a device each and returns the devices.</summary>
    private static async Task<List<Guid>> AddPeopleAsync(RestoredServices services, OwnServers servers)
    {
        var devices = new List<Guid>();
        for (var number = 0; number < People; number++)
        {
            // The first calls may take longer than a saga waits.
            await Eventually.TrueAsync(
                async () => await services.RegisterAsync($"person-{number}", Password) is HttpStatusCode.Created, "a person is registered", TimeSpan.FromMinutes(1));
            var (id, _) = await services.SignInAsync($"person-{number}", Password);
            var created = await services.AdminAsync(
                ResourceNames.Devices, HttpMethod.Post, "/api/devices", new { name = $"Meter {number}", max_consumption = 1000 });
            devices.Add(created.GetProperty("device").GetProperty("id").GetGuid());
            await services.AdminAsync(ResourceNames.Devices, HttpMethod.Post, "/api/mappings/assign", new { user_id = id, device_id = devices[^1] });
        }

        await using var monitoring = NpgsqlDataSource.Create($"{servers.Databases[ResourceNames.MonitoringDatabase]};Pooling=false");
        await Eventually.TrueAsync(
            async () => await monitoring.ScalarAsync<long>("select count(*) from mapping_replicas") == People, "Monitoring knows the mappings");
        return devices;
    }

    private async Task RegisterAsync(RestoredServices services, CancellationToken enough)
    {
        for (var number = People; !enough.IsCancellationRequested; number++)
        {
            try
            {
                if (await services.RegisterAsync($"person-{number}", Password) == HttpStatusCode.Created)
                    _registered.Add($"person-{number}");
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException)
            {
                // The database was killed.
            }

            await Task.Delay(100, CancellationToken.None);
        }
    }

    private static async Task<(string Backup, TimeSpan Time)> BackUpAsync(OwnServers servers, string folder, string passphrase)
    {
        var variables = DeployScript.VariablesOf(servers.Postgres).Concat(DeployScript.VariablesOf(servers.Broker, servers.Management)).ToDictionary();
        var began = Stopwatch.GetTimestamp();
        var result = await DeployScript.RunAsync("backup.sh", variables, "--to", Path.Combine(folder, "backups"), "--passphrase-file", passphrase);
        var time = Stopwatch.GetElapsedTime(began);
        Assert.True(result.ExitCode == 0, $"{result.Output}{result.Errors}");

        return (Assert.Single(Directory.EnumerateDirectories(Path.Combine(folder, "backups"))), time);
    }

    private static async Task<(string Program, string Data, TimeSpan Time)> RestoreAsync(string backup, string folder, string passphrase)
    {
        var (data, definitions) = (Path.Combine(folder, "restored"), Path.Combine(folder, "definitions.json"));
        var began = Stopwatch.GetTimestamp();
        var result = await DeployScript.RunAsync(
            "restore.sh", new Dictionary<string, string>(), "--passphrase-file", passphrase, "--definitions", definitions, backup, data);
        var time = Stopwatch.GetElapsedTime(began);
        Assert.True(result.ExitCode == 0, $"{result.Output}{result.Errors}");
        using var read = JsonDocument.Parse(await File.ReadAllTextAsync(definitions, Cancel));
        Assert.Contains(read.RootElement.GetProperty("queues").EnumerateArray(), queue => queue.GetProperty("name").GetString() == "device_data_queue");

        return (result.Output.Split(' ').Single(word => word.EndsWith("/postgres", StringComparison.Ordinal)), data, time);
    }

    private static async Task<HashSet<long>> StoredAsync(string administrator)
    {
        await using var monitoring = NpgsqlDataSource.Create($"{administrator};Database=monitoring_db;Pooling=false");
        return [.. await monitoring.ScalarAsync<long[]>("select coalesce(array_agg(energy), '{}') from readings") ?? []];
    }

    private static async Task CheckServicesAsync(RestoredServices services, Dictionary<string, string> databases)
    {
        // Sagas that ran at the moment of the backup end, and a new one does.
        await services.SignInAsync("person-0", Password);
        await Eventually.TrueAsync(
            async () => await services.RegisterAsync("somebody-new", Password) == HttpStatusCode.Created, "somebody is registered", TimeSpan.FromMinutes(1));
        await services.SignInAsync("somebody-new", Password);
        await using var auth = Open(ResourceNames.AuthDatabase);
        await Eventually.TrueAsync(
            async () => await auth.ScalarAsync<long>("select count(*) from sagas where finished_at is null") == 0, "every saga has ended", TimeSpan.FromMinutes(1));

        // The first rebuild repairs what the removed events would have changed; the second finds nothing.
        JsonElement[] rebuilt = [];
        for (var number = 0; number < 2; number++)
        {
            rebuilt =
            [
                await services.AdminAsync(ResourceNames.Devices, HttpMethod.Post, "/api/devices/users/rebuild"),
                .. (await services.AdminAsync(ResourceNames.Monitoring, HttpMethod.Post, "/api/monitoring/replicas/rebuild"))
                    .EnumerateObject().Select(kind => kind.Value),
            ];
        }

        Assert.All(rebuilt, kind => Assert.Equal(
            (0, 0, 0), (kind.GetProperty("added").GetInt32(), kind.GetProperty("changed").GetInt32(), kind.GetProperty("removed").GetInt32())));

        // An account is everywhere or nowhere.
        await using var users = Open(ResourceNames.UserDatabase);
        await using var devices = Open(ResourceNames.DeviceDatabase);
        await using var monitoring = Open(ResourceNames.MonitoringDatabase);
        var accounts = await NamesAsync(auth, "accounts where state = 'Active' and role = 'client'");
        Assert.Equal(accounts, await NamesAsync(users, "profiles where deleted_at is null and role = 'client'"));
        Assert.Equal(accounts, await NamesAsync(devices, "user_replicas where not is_deleted and role = 'client'"));
        Assert.Equal(accounts, await NamesAsync(monitoring, "user_replicas where not is_deleted and role = 'client'"));
        Assert.Equal(People, await monitoring.ScalarAsync<long>("select count(*) from mapping_replicas where is_assigned"));

        var (type, verified) = (await services.VerifyLedgerAsync())[^1];
        Assert.Equal("result", type);
        Assert.True(verified.GetProperty("consistent").GetBoolean(), $"The ledger isn't consistent: {verified}");

        NpgsqlDataSource Open(string database) => NpgsqlDataSource.Create($"{databases[database]};Pooling=false");
    }

    private static async Task<string[]> NamesAsync(NpgsqlDataSource database, string from) =>
        await database.ScalarAsync<string[]>($"select array_agg(username::text order by username collate \"C\") from {from}") ?? [];
}
