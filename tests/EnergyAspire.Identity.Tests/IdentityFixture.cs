using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Tests;
using EnergyAspire.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(IdentityFixture))]

namespace EnergyAspire.Identity.Tests;

/// <summary>Servers that all tests of this program share, and an Identity in Development on them.</summary>
public sealed class IdentityFixture : IAsyncLifetime
{
    public TestServers Servers { get; } = new();

    public IdentityHost Identity { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Servers.InitializeAsync();
        Identity = await StartAsync(await CreateDatabaseAsync());
    }

    /// <summary>Creates a database with all tables and nothing in them.</summary>
    public Task<string> CreateDatabaseAsync() => Servers.CreateMigratedDatabaseAsync<AuthDbContext>("auth", options => new AuthDbContext(options));

    public async Task<IdentityHost> StartAsync(
        string database, string environment = "Development", TimeProvider? time = null, Dictionary<string, string?>? settings = null)
    {
        var host = Create(database, environment, time, settings);
        await host.WaitUntilReadyAsync();

        return host;
    }

    /// <param name="hashesAsInLife">Whether hashing a password is as much work as in life.</param>
    public IdentityHost Create(
        string database, string environment = "Development", TimeProvider? time = null, Dictionary<string, string?>? settings = null,
        bool hashesAsInLife = false) =>
        new(database, Servers.BrokerOf("identity"), environment, time, settings ?? [], hashesAsInLife);

    public static async Task<long> CountAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);

        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        if (Identity is not null)
            await Identity.DisposeAsync();
        await Servers.DisposeAsync();
    }
}
