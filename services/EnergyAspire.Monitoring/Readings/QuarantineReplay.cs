using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Tries quarantined readings of unknown devices again once their device has appeared. Replicas share the work.</summary>
internal sealed class QuarantineReplay(
    IServiceScopeFactory scopes, ReadingPartitions partitions, DatabaseReadiness<MonitoringDbContext> database,
    ReadingParser parser, TimeProvider time, ILogger<QuarantineReplay> logger) : BackgroundService
{
    private const int BatchSize = 2000;

    // Ledger rows of replays are kept apart from those of the consumers.
    private const int LedgerWriter = -1;

    private const string SelectReadingsOfAppearedDevices = """
        select body from quarantined_readings
        where reason = 'unknown_device' and device_id in (select id from device_replicas where not is_deleted)
        order by id limit $1
        """;

    private const string TakeReadingsOfAppearedDevices = """
        delete from quarantined_readings where id in (
            select id from quarantined_readings
            where reason = 'unknown_device' and device_id in (select id from device_replicas where not is_deleted)
            order by id limit $1
            for update skip locked)
        returning body, received_at
        """;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(LookInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await ReplayBatchAsync(stoppingToken) is var replayed and > 0)
                    IngestLog.Replayed(logger, replayed);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, the next look tries again and the host goes on.
                IngestLog.ReplayFailed(logger, failure.GetBaseException().Message);
            }
        }
    }

    private async Task<int> ReplayBatchAsync(CancellationToken cancel)
    {
        // A look that finds nothing leaves no trace.
        using var untraced = OpenTelemetry.SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
        await db.Database.OpenConnectionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        var expected = await ReadAsync(connection, SelectReadingsOfAppearedDevices, rows => parser.Parse(rows.GetFieldValue<byte[]>(0)), cancel);
        if (expected.Count == 0)
            return 0;

        await partitions.EnsureAsync(
            connection, expected.Where(parsed => parsed.Reason is null).Select(parsed => parsed.Reading.Timestamp), cancel);

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var taken = await ReadAsync(connection, TakeReadingsOfAppearedDevices, rows =>
        {
            var body = rows.GetFieldValue<byte[]>(0);
            return new ArrivedReading(body, rows.GetFieldValue<DateTimeOffset>(1), parser.Parse(body));
        }, cancel);
        await ReadingStore.StoreAsync(db, taken, LedgerWriter, isReplay: true, time.GetUtcNow(), cancel);
        await transaction.CommitAsync(cancel);

        return taken.Count;
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = BatchSize } } };
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var result = new List<T>();
        while (await rows.ReadAsync(cancel))
            result.Add(read(rows));

        return result;
    }
}
