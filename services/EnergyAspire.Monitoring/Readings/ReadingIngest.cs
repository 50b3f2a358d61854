using System.Diagnostics;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Commits batches of arrived readings, however often that takes.</summary>
public sealed class ReadingIngest(
    IServiceScopeFactory scopes, ReadingPartitions partitions, IngestMetrics metrics, TimeProvider time, ILogger<ReadingIngest> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Stores a batch in one transaction. While the database is away it tries again; a batch that the database refuses is
    /// halved until the refused reading is found, which then goes to quarantine.
    /// </summary>
    public async Task StoreAsync(IReadOnlyList<ArrivedReading> batch, int writer, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var started = time.GetTimestamp();
                var result = await StoreOnceAsync(batch, writer, cancel);
                metrics.Record(result, time.GetElapsedTime(started));
                return;
            }
            catch (PostgresException refusal) when (!refusal.IsTransient && IsAboutTheData(refusal))
            {
                if (batch.Count > 1)
                {
                    await StoreAsync([.. batch.Take(batch.Count / 2)], writer, cancel);
                    await StoreAsync([.. batch.Skip(batch.Count / 2)], writer, cancel);
                    return;
                }

                IngestLog.Refused(logger, refusal.MessageText);
                batch = [batch[0] with { Parsed = batch[0].Parsed with { Reason = QuarantineReason.Rejected, Detail = refusal.MessageText } }];
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InvalidOperationException { InnerException: NpgsqlException })
            {
                // The commit may have succeeded; trying again then only finds duplicates.
                IngestLog.WaitingForDatabase(logger, batch.Count, failure.GetBaseException().Message);
                await Task.Delay(RetryDelay, time, cancel);
            }
        }
    }

    private async Task<BatchResult> StoreOnceAsync(IReadOnlyList<ArrivedReading> batch, int writer, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
        await db.Database.OpenConnectionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        await partitions.EnsureAsync(
            connection, batch.Where(arrived => arrived.Parsed.Reason is null).Select(arrived => arrived.Parsed.Reading.Timestamp), cancel);

        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var result = await ReadingStore.StoreAsync(connection, batch, writer, isReplay: false, cancel);
        await transaction.CommitAsync(cancel);

        Activity.Current?.SetTag("energy.readings.stored", result.Stored);
        return result;
    }

    /// <summary>Classes 22 (data exception) and 23 (integrity violation): the same data would be refused again.</summary>
    private static bool IsAboutTheData(PostgresException refusal) =>
        refusal.SqlState.StartsWith("22", StringComparison.Ordinal) || refusal.SqlState.StartsWith("23", StringComparison.Ordinal);
}
