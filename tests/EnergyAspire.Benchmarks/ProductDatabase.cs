using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EnergyAspire.Benchmarks;

/// <summary>The service's database and the service's storage code, without consumers.</summary>
internal sealed class ProductDatabase : IDisposable
{
    private readonly string _administrator;
    private readonly IHost _product;

    public ProductDatabase(BenchmarkServers servers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([new($"ConnectionStrings:{ResourceNames.MonitoringDatabase}", servers.Database)]);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddMonitoringData();
        builder.AddIngest();
        // The host is never started, because it would start the consumers.
        _product = builder.Build();
        _administrator = $"{servers.Administrator};Database=monitoring_db";
        Source = NpgsqlDataSource.Create(servers.Database);
    }

    /// <summary>Connections with the service's settings.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>The service's code that commits batches.</summary>
    public ReadingIngest Ingest => _product.Services.GetRequiredService<ReadingIngest>();

    public async Task MigrateAsync(CancellationToken cancel)
    {
        await using var scope = _product.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<MonitoringDbContext>().Database.MigrateAsync(cancel);
    }

    /// <summary>Adds the fleet's devices to the replicas.</summary>
    public async Task AddDevicesAsync(Fleet fleet, CancellationToken cancel)
    {
        await using var insert = Source.CreateCommand("""
            insert into device_replicas (id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, state_version, version, is_deleted)
            select id, 'Meter', '', 1000000, null, zone, 600, 1, 1, false from unnest($1::uuid[], $2::text[]) as device (id, zone)
            """);
        insert.Parameters.Add(new() { Value = fleet.Devices.Append(fleet.Probe).ToArray() });
        insert.Parameters.Add(new() { Value = Enumerable.Range(0, fleet.Devices.Count).Select(Fleet.ZoneOf).Append("UTC").ToArray() });
        await insert.ExecuteNonQueryAsync(cancel);
    }

    public async Task EnsurePartitionsAsync(IEnumerable<DateTimeOffset> times, CancellationToken cancel)
    {
        await using var connection = await Source.OpenConnectionAsync(cancel);
        await _product.Services.GetRequiredService<ReadingPartitions>().EnsureAsync(connection, times, cancel);
    }

    /// <summary>Runs the service's hourly maintenance, which adds the covering index to past months.</summary>
    public Task MaintainAsync(CancellationToken cancel) => _product.Services.GetRequiredService<ReadingPartitions>().RunOnceAsync(cancel);

    /// <summary>Empties the tables of readings and flushes the server's buffers, so that each run starts in the same state.</summary>
    public async Task EmptyAsync(CancellationToken cancel)
    {
        await AdministerAsync("truncate readings, hourly_consumption, ledger, quarantined_readings, long_spreads", cancel);
        await SettleAsync(cancel);
    }

    public async Task SettleAsync(CancellationToken cancel)
    {
        await AdministerAsync("vacuum (analyze) readings, hourly_consumption", cancel);
        await AdministerAsync("checkpoint", cancel);
    }

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancel)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 600;
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Returns the number of readings in the ledger.</summary>
    public Task<long> ReceivedAsync(CancellationToken cancel) => ScalarAsync<long>("select coalesce(sum(received), 0)::bigint from ledger", cancel);

    public void Dispose()
    {
        Source.Dispose();
        _product.Dispose();
    }

    private async Task AdministerAsync(string sql, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(_administrator);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
