using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Stores batches for a caller who is told what became of them. Arriving readings are stored by <see cref="ReadingIngest"/>, which waits for the database.</summary>
internal static class SplitBatches
{
    /// <summary>
    /// Stores a batch. One that the database refuses is split in halves until the refused reading is found, which is tried again with
    /// <see cref="QuarantineReason.Rejected"/>.
    /// </summary>
    /// <param name="batch">Readings.</param>
    /// <param name="store">Stores some of them in one transaction.</param>
    /// <param name="join">Joins the results of two halves.</param>
    public static async Task<TResult> StoreSplitAsync<TResult>(
        this ReadingPartitions partitions, IReadOnlyList<ArrivedReading> batch, Func<IReadOnlyList<ArrivedReading>, Task<TResult>> store,
        Func<TResult, TResult, TResult> join)
    {
        var hasSoughtPartitions = false;
        while (true)
        {
            try
            {
                return await store(batch);
            }
            catch (PostgresException missing) when (!hasSoughtPartitions && ReadingIngest.IsMissingPartition(missing))
            {
                partitions.Forget(ReadingIngest.TimestampsOf(batch));
                hasSoughtPartitions = true;
            }
            catch (NpgsqlException refusal) when (batch.Count > 1 && ReadingIngest.IsAboutTheBatch(refusal))
            {
                var first = await partitions.StoreSplitAsync([.. batch.Take(batch.Count / 2)], store, join);
                return join(first, await partitions.StoreSplitAsync([.. batch.Skip(batch.Count / 2)], store, join));
            }
            catch (PostgresException refusal) when (batch[0].Parsed.Reason is not QuarantineReason.Rejected && ReadingIngest.IsAboutTheBatch(refusal))
            {
                batch = [batch[0].RefusedBecause(refusal.MessageText)];
            }
        }
    }

    /// <summary>Makes sure that the partitions of readings exist, and returns the open connection. Must be called outside of a transaction.</summary>
    public static async Task<NpgsqlConnection> EnsureAsync(
        this ReadingPartitions partitions, MonitoringDbContext db, IReadOnlyList<ArrivedReading> batch, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await partitions.EnsureAsync(connection, ReadingIngest.TimestampsOf(batch), cancel);

        return connection;
    }
}
