using System.Diagnostics;
using EnergyAspire.Data;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Commits batches of arrived readings, with retries.</summary>
public sealed class ReadingIngest(
    IServiceScopeFactory scopes, ReadingPartitions partitions, ReadingParser parser, IngestMetrics metrics,
    IEnumerable<ICommitObserver> observers, TimeProvider time, ILogger<ReadingIngest> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Stores a batch in one transaction. While the database is unavailable it retries. A batch that the database refuses or can't store in time is
    /// split in halves until the refused reading is found, which is quarantined.
    /// </summary>
    public async Task StoreAsync(IReadOnlyList<ArrivedReading> batch, int writer, CancellationToken cancel)
    {
        var hasSoughtPartitions = false;
        while (true)
        {
            try
            {
                var started = time.GetTimestamp();
                var result = await StoreOnceAsync(batch, writer, cancel);
                metrics.Record(result, time.GetElapsedTime(started), time.GetUtcNow() - NewestOf(batch));
                observers.Tell(result.Readings, result.Alerts);
                return;
            }
            catch (PostgresException missing) when (!hasSoughtPartitions && IsMissingPartition(missing))
            {
                partitions.Forget(TimestampsOf(batch));
                hasSoughtPartitions = true;
            }
            catch (NpgsqlException failure) when (batch.Count > 1 && IsAboutTheBatch(failure))
            {
                await StoreAsync([.. batch.Take(batch.Count / 2)], writer, cancel);
                await StoreAsync([.. batch.Skip(batch.Count / 2)], writer, cancel);
                return;
            }
            catch (PostgresException refusal) when (IsAboutTheBatch(refusal))
            {
                IngestLog.Refused(logger, refusal.MessageText);
                batch = [batch[0].RefusedBecause(refusal.MessageText)];
            }
            catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException or DbUpdateException || failure.IsDatabaseAway())
            {
                // The commit may have succeeded. Then the retry is idempotent: it only finds duplicates.
                IngestLog.WaitingForDatabase(logger, batch.Count, failure.GetBaseException().Message);
                await Task.Delay(RetryDelay, time, cancel);
                batch = [.. batch.Select(arrived => arrived with { Parsed = parser.JudgeTime(arrived.Parsed) })];
            }
        }
    }

    private async Task<BatchResult> StoreOnceAsync(IReadOnlyList<ArrivedReading> batch, int writer, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
        await db.Database.OpenConnectionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        await partitions.EnsureAsync(connection, TimestampsOf(batch), cancel);

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var result = await ReadingStore.StoreAsync(db, batch, writer, ReadingSource.Meters, time.GetUtcNow(), cancel);
        await transaction.CommitAsync(cancel);

        Activity.Current?.SetTag("energy.readings.stored", result.Stored);
        return result;
    }

    private static DateTimeOffset? NewestOf(IReadOnlyList<ArrivedReading> batch)
    {
        DateTimeOffset? newest = null;
        foreach (var arrived in batch)
        {
            if (arrived.Parsed.Reason is null && !(arrived.Parsed.Reading.Timestamp <= newest))
                newest = arrived.Parsed.Reading.Timestamp;
        }

        return newest;
    }

    internal static IEnumerable<DateTimeOffset> TimestampsOf(IReadOnlyList<ArrivedReading> batch) =>
        batch.Where(arrived => arrived.Parsed.Reason is null).Select(arrived => arrived.Parsed.Reading.Timestamp);

    internal static bool IsMissingPartition(PostgresException failure) =>
        failure is { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null };

    /// <summary>
    /// Whether the same batch would fail again: data exceptions (class 22), integrity violations (23), exceeded limits (54) and statement timeouts.
    /// </summary>
    internal static bool IsAboutTheBatch(NpgsqlException failure) => failure is PostgresException { SqlState: var state }
        ? state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal)
        : failure.InnerException is TimeoutException;
}
