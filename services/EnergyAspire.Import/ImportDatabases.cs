using EnergyAspire.Devices.Data;
using EnergyAspire.Identity.Data;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Import;

/// <summary>The four databases of the replaced system and the four of this one.</summary>
internal sealed class ImportDatabases : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> _connectionStrings;
    private readonly List<NpgsqlDataSource> _sources = [];

    private ImportDatabases(IReadOnlyDictionary<string, string> connectionStrings)
    {
        _connectionStrings = connectionStrings;
        OldAuth = OpenOld(ResourceNames.AuthDatabase);
        OldUsers = OpenOld(ResourceNames.UserDatabase);
        OldDevices = OpenOld(ResourceNames.DeviceDatabase);
        OldMonitoring = OpenOld(ResourceNames.MonitoringDatabase);
        Monitoring = Open(connectionStrings[ResourceNames.MonitoringDatabase]);
    }

    /// <summary>Accounts of the replaced system.</summary>
    public NpgsqlDataSource OldAuth { get; }

    /// <summary>Profiles of the replaced system.</summary>
    public NpgsqlDataSource OldUsers { get; }

    /// <summary>Devices and mappings of the replaced system.</summary>
    public NpgsqlDataSource OldDevices { get; }

    /// <summary>Measurements and hourly totals of the replaced system.</summary>
    public NpgsqlDataSource OldMonitoring { get; }

    /// <summary>Monitoring's database, for queries beside its context.</summary>
    public NpgsqlDataSource Monitoring { get; }

    /// <summary>Connection string of Monitoring's database.</summary>
    public string MonitoringConnection => _connectionStrings[ResourceNames.MonitoringDatabase];

    /// <summary>Prepares the connections; none is opened yet.</summary>
    /// <param name="connectionStrings">Connection strings by resource name; those of the replaced system with the prefix <c>old-</c>.</param>
    /// <exception cref="ImportException">A connection string can't be read.</exception>
    public static ImportDatabases Open(IReadOnlyDictionary<string, string> connectionStrings)
    {
        foreach (var (name, text) in connectionStrings)
        {
            try
            {
                _ = new NpgsqlConnectionStringBuilder(text);
            }
            catch (Exception problem) when (problem is ArgumentException or FormatException)
            {
                // The message of the driver may quote a part of the text, and the text contains a password.
                throw new ImportException(
                    $"ConnectionStrings:{name} is no connection string such as Host=localhost;Port=5432;Database=auth_db;Username=postgres;Password=...");
            }
        }

        return new ImportDatabases(connectionStrings);
    }

    /// <summary>Creates a context of Identity's database.</summary>
    public AuthDbContext Auth() => new(Options<AuthDbContext>(ResourceNames.AuthDatabase));

    /// <summary>Creates a context of Users' database.</summary>
    public UserDbContext Users() => new(Options<UserDbContext>(ResourceNames.UserDatabase));

    /// <summary>Creates a context of Devices' database.</summary>
    public DeviceDbContext Devices() => new(Options<DeviceDbContext>(ResourceNames.DeviceDatabase));

    /// <summary>Creates a context of Monitoring's database.</summary>
    public MonitoringDbContext MonitoringContext() => new(Options<MonitoringDbContext>(ResourceNames.MonitoringDatabase));

    /// <summary>Makes sure that the services of this release have migrated their databases.</summary>
    /// <exception cref="ImportException">A database has another schema.</exception>
    public async Task RequireMigratedAsync(CancellationToken cancel)
    {
        await using var auth = Auth();
        await using var users = Users();
        await using var devices = Devices();
        await using var monitoring = MonitoringContext();
        foreach (var db in new DbContext[] { auth, users, devices, monitoring })
        {
            var name = new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()).Database;
            if ((await db.Database.GetPendingMigrationsAsync(cancel)).Any())
                throw new ImportException(
                    $"The database {name} of this system lacks migrations. Start the services of this release once and wait until they are ready.");
            if ((await db.Database.GetAppliedMigrationsAsync(cancel)).Except(db.Database.GetMigrations(), StringComparer.Ordinal).Any())
                throw new ImportException($"The database {name} of this system belongs to a newer release. Use the import of that release.");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources)
            await source.DisposeAsync();
    }

    private DbContextOptions<TContext> Options<TContext>(string name)
        where TContext : DbContext =>
        new DbContextOptionsBuilder<TContext>().UseNpgsql(_connectionStrings[name]).UseSnakeCaseNamingConvention().Options;

    // Times without a zone are in UTC, as in the settings of the replaced system.
    private NpgsqlDataSource OpenOld(string name) =>
        Open(new NpgsqlConnectionStringBuilder(_connectionStrings[$"old-{name}"]) { Timezone = "UTC", CommandTimeout = 0 }.ConnectionString);

    private NpgsqlDataSource Open(string connectionString)
    {
        var source = NpgsqlDataSource.Create(connectionString);
        _sources.Add(source);

        return source;
    }
}
