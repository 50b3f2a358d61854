using EnergyAspire.Import;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.Extensions.Configuration;
using Npgsql;
using AuthData = EnergyAspire.Identity.Data.AuthDbContext;
using DeviceData = EnergyAspire.Devices.Data.DeviceDbContext;
using UserData = EnergyAspire.Users.Data.UserDbContext;

namespace EnergyAspire.Services.Tests.Moving;

/// <summary>Result of an import.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
/// <param name="Report">Lines of the report, without the head.</param>
internal sealed record ImportResult(int Code, string Output, string Errors, IReadOnlyList<string> Report)
{
    /// <summary>Whether the report has a line that starts with one text and contains another.</summary>
    public bool Tells(string start, string text) =>
        Report.Any(line => line.StartsWith(start, StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal));
}

/// <summary>Migrated, empty databases of this system.</summary>
internal sealed class NewSystem : IAsyncDisposable
{
    private static readonly (string Database, string[] Tables)[] Tables =
    [
        (ResourceNames.AuthDatabase, ["accounts", "outbox_messages", "audit_records"]),
        (ResourceNames.UserDatabase, ["profiles", "accounts", "audit_records"]),
        (ResourceNames.DeviceDatabase, ["devices", "mappings", "user_replicas", "outbox_messages", "audit_records"]),
        (
            ResourceNames.MonitoringDatabase,
            ["readings", "hourly_consumption", "quarantined_readings", "ledger", "alerts", "outbox_messages", "user_replicas", "device_replicas", "mapping_replicas"]),
    ];

    private readonly Dictionary<string, NpgsqlDataSource> _sources = new(StringComparer.Ordinal);

    private NewSystem(Dictionary<string, string> databases)
    {
        Databases = databases;
        foreach (var (name, database) in databases)
            _sources[name] = NpgsqlDataSource.Create(database);
    }

    /// <summary>Connection strings by resource name.</summary>
    public IReadOnlyDictionary<string, string> Databases { get; }

    public NpgsqlDataSource Auth => _sources[ResourceNames.AuthDatabase];

    public NpgsqlDataSource Users => _sources[ResourceNames.UserDatabase];

    public NpgsqlDataSource Devices => _sources[ResourceNames.DeviceDatabase];

    public NpgsqlDataSource Monitoring => _sources[ResourceNames.MonitoringDatabase];

    public static async Task<NewSystem> CreateAsync(TestServers servers) => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [ResourceNames.AuthDatabase] = await servers.CreateMigratedDatabaseAsync<AuthData>("moving_auth", options => new AuthData(options)),
        [ResourceNames.UserDatabase] = await servers.CreateMigratedDatabaseAsync<UserData>("moving_user", options => new UserData(options)),
        [ResourceNames.DeviceDatabase] = await servers.CreateMigratedDatabaseAsync<DeviceData>("moving_device", options => new DeviceData(options)),
        [ResourceNames.MonitoringDatabase] = await servers.CreateMigratedDatabaseAsync<MonitoringDbContext>("moving_monitoring", options => new MonitoringDbContext(options)),
    });

    /// <summary>Runs the import.</summary>
    /// <param name="settings">More settings; a null value removes one.</param>
    public async Task<ImportResult> ImportAsync(OldSystem old, bool isDryRun = false, params (string Key, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?>(old.Settings, StringComparer.Ordinal);
        foreach (var (name, database) in Databases)
            all[$"ConnectionStrings:{name}"] = database;
        foreach (var (key, value) in settings)
            all[key] = value;

        var report = Path.Combine(Path.GetTempPath(), $"import-{Guid.NewGuid():N}.csv");
        try
        {
            await using var output = new StringWriter();
            await using var errors = new StringWriter();
            var code = await ImportProgram.RunAsync(
                new ConfigurationBuilder().AddInMemoryCollection(all).Build(), new FileInfo(report), isDryRun, output, errors, TestContext.Current.CancellationToken);

            return new ImportResult(code, output.ToString(), errors.ToString(), File.Exists(report) ? File.ReadAllLines(report)[1..] : []);
        }
        finally
        {
            File.Delete(report);
        }
    }

    /// <summary>A hash of every row of every table that the import writes to.</summary>
    public async Task<string> FingerprintAsync()
    {
        var hashes = new List<string?>();
        foreach (var (database, tables) in Tables)
        {
            foreach (var table in tables)
                hashes.Add(await _sources[database].ScalarAsync<string>($"select '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t"));
        }

        return string.Join('\n', hashes);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values)
            await source.DisposeAsync();
    }
}
