using System.Globalization;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Partitions of the raw readings, one a UTC day: made before they are needed, dropped when retention ends.</summary>
public sealed partial class ReadingPartitions(
    IServiceScopeFactory scopes, DatabaseReadiness<MonitoringDbContext> database, IOptions<IngestOptions> options, TimeProvider time,
    ILogger<ReadingPartitions> logger) : BackgroundService
{
    private const int DaysAhead = 3;

    // Serializes replicas that make or drop partitions; held only until the transaction ends.
    private const string LockPartitions = "select pg_advisory_xact_lock(hashtext('readings partitions'))";

    private const string SelectPartitions = """
        select inhrelid::regclass::text from pg_inherits where inhparent = 'readings'::regclass
        """;

    private readonly HashSet<DateOnly> _known = [];
    private readonly Lock _knownLock = new();

    /// <summary>Makes sure that the partitions of these readings exist. Must be called outside of a transaction.</summary>
    public async Task EnsureAsync(NpgsqlConnection connection, IEnumerable<DateTimeOffset> timestamps, CancellationToken cancel)
    {
        DateOnly[] missing;
        lock (_knownLock)
            missing = [.. timestamps.Select(timestamp => DateOnly.FromDateTime(timestamp.UtcDateTime)).Distinct().Where(day => !_known.Contains(day))];
        if (missing.Length == 0)
            return;

        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, LockPartitions, cancel);
        foreach (var day in missing)
        {
            await ExecuteAsync(connection, $"""
                create table if not exists {NameOf(day)} partition of readings
                for values from ('{day:yyyy-MM-dd} 00:00:00+00') to ('{day.AddDays(1):yyyy-MM-dd} 00:00:00+00')
                """, cancel);
        }

        await transaction.CommitAsync(cancel);
        lock (_knownLock)
            _known.UnionWith(missing);
    }

    /// <summary>Looks again for the partitions of these readings the next time, because the database doesn't have them after all.</summary>
    public void Forget(IEnumerable<DateTimeOffset> timestamps)
    {
        lock (_knownLock)
            _known.ExceptWith(timestamps.Select(timestamp => DateOnly.FromDateTime(timestamp.UtcDateTime)));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        do
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
                await db.Database.OpenConnectionAsync(stoppingToken);
                var connection = (NpgsqlConnection)db.Database.GetDbConnection();

                var now = time.GetUtcNow();
                await EnsureAsync(connection, Enumerable.Range(0, DaysAhead + 1).Select(day => now.AddDays(day)), stoppingToken);
                await DropExpiredAsync(connection, DateOnly.FromDateTime((now - options.Value.Retention).UtcDateTime), stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, the next hour tries again and the host goes on.
                LogMaintenanceFailed(logger, failure.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task DropExpiredAsync(NpgsqlConnection connection, DateOnly oldest, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, LockPartitions, cancel);

        var partitions = new List<string>();
        await using (var command = new NpgsqlCommand(SelectPartitions, connection))
        await using (var rows = await command.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
                partitions.Add(rows.GetString(0));
        }

        var expired = partitions.Where(partition => DayOf(partition) is { } day && day < oldest).ToList();
        foreach (var partition in expired)
        {
            await ExecuteAsync(connection, $"drop table {partition}", cancel);
            LogDropped(logger, partition);
        }

        await transaction.CommitAsync(cancel);
        lock (_knownLock)
            _known.RemoveWhere(day => day < oldest);
    }

    private static string NameOf(DateOnly day) => $"readings_{day:yyyyMMdd}";

    private static DateOnly? DayOf(string partition) =>
        DateOnly.TryParseExact(partition.AsSpan(partition.LastIndexOf('_') + 1), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    [LoggerMessage(221, LogLevel.Information, "Retention dropped the raw readings of {Partition}")]
    private static partial void LogDropped(ILogger logger, string partition);

    [LoggerMessage(222, LogLevel.Warning, "The partitions of the readings can't be maintained yet: {Reason}")]
    private static partial void LogMaintenanceFailed(ILogger logger, string reason);
}
