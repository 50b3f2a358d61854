using Aspire.Hosting.Testing;
using EnergyAspire.Hosting;
using Npgsql;
using Xunit;

namespace EnergyAspire.Testing;

/// <summary>
/// A PostgreSQL server and a RabbitMQ broker of this test program's own, on free ports with data that is thrown away.
/// An assembly fixture owns it, so that they start once for all tests of the program.
/// </summary>
public sealed class TestServers : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private DistributedApplication? _app;
    private string _postgres = "";

    /// <summary>AMQP connection string of the broker.</summary>
    public string Broker { get; private set; } = "";

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = ServerApplication.Create();
        builder.AddDatabaseServer("postgres");
        builder.AddBroker("messaging");

        _app = await builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("postgres", timeout.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("messaging", timeout.Token);

        _postgres = await ConnectionStringAsync("postgres", timeout.Token);
        Broker = await ConnectionStringAsync("messaging", timeout.Token);
    }

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        var database = $"{name}_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(_postgres);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {database}", connection);
        await create.ExecuteNonQueryAsync();

        return new NpgsqlConnectionStringBuilder(_postgres) { Database = database, MaxPoolSize = 20 }.ConnectionString;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private async Task<string> ConnectionStringAsync(string resource, CancellationToken cancel) =>
        await _app!.GetConnectionStringAsync(resource, cancel)
        ?? throw new InvalidOperationException($"The resource {resource} has no connection string.");
}
