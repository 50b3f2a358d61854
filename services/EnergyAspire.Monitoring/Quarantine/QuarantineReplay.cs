using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Registers;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>Result of retrying quarantined readings.</summary>
/// <param name="Stored">Stored now.</param>
/// <param name="Duplicates">Stored before with the same value.</param>
/// <param name="Quarantined">Refused again.</param>
public sealed record ReplayResult(int Stored, int Duplicates, int Quarantined)
{
    /// <summary>How many were tried.</summary>
    public int Replayed => Stored + Duplicates + Quarantined;

    internal static ReplayResult None { get; } = new(0, 0, 0);

    internal ReplayResult Plus(ReplayResult other) =>
        new(Stored + other.Stored, Duplicates + other.Duplicates, Quarantined + other.Quarantined);
}

/// <summary>Retries quarantined readings. A reading that is refused again keeps its id and time of arrival.</summary>
public sealed class QuarantineReplay(
    ReadingPartitions partitions, ReadingParser parser, IngestMetrics metrics, IEnumerable<ICommitObserver> observers, TimeProvider time)
{
    /// <summary>Most readings in one transaction.</summary>
    public const int BatchSize = 1000;

    // Replays have their own ledger rows, separate from those of the consumers.
    private const int LedgerWriter = -1;

    private const string TakeReadings = """
        delete from quarantined_readings where id = any($1) and (discarded_at is null or $2) returning id
        """;

    /// <summary>
    /// Retries readings in one transaction, or in several when the database refuses one of them. Must be called outside of a transaction.
    /// </summary>
    /// <param name="readings">Readings as read before. Those that have left quarantine since then are skipped.</param>
    /// <param name="evenDiscarded">Whether discarded readings are retried too.</param>
    /// <param name="audit">Adds audit records to the context, which are committed together with the readings.</param>
    /// <param name="decision">An admin's decision about register readings; null for none.</param>
    public Task<ReplayResult> ReplayAsync(
        MonitoringDbContext db, IReadOnlyList<QuarantinedReading> readings, bool evenDiscarded, Action<ReplayResult>? audit,
        CancellationToken cancel, RegisterDecision? decision = null)
    {
        // The bytes of a quarantined reading never change.
        var parsed = readings.Select(reading => new ArrivedReading(reading.Body, reading.ReceivedAt, parser.Parse(reading.Body), reading.Id, decision ?? reading.RegisterDecision));
        return partitions.StoreSplitAsync([.. parsed], batch => ReplayOnceAsync(db, batch, evenDiscarded, audit, cancel), (first, second) => first.Plus(second));
    }

    private async Task<ReplayResult> ReplayOnceAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> readings, bool evenDiscarded, Action<ReplayResult>? audit, CancellationToken cancel)
    {
        var connection = await partitions.EnsureAsync(db, readings, cancel);

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.HoldQuarantineAsync(cancel);
        var ids = readings.Select(reading => reading.Id!.Value).ToArray();
        var present = (await connection.ListAsync(TakeReadings, rows => rows.GetGuid(0), cancel, ids, evenDiscarded)).ToHashSet();
        var taken = readings.Where(reading => present.Contains(reading.Id!.Value)).ToList();
        if (taken.Count == 0)
            return ReplayResult.None;

        var batch = await ReadingStore.StoreAsync(db, taken, LedgerWriter, ReadingSource.Quarantine, time.GetUtcNow(), cancel);
        var result = new ReplayResult(batch.Stored, batch.Duplicates, batch.Quarantined.Values.Sum());
        audit?.Invoke(result);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        metrics.RecordRetry(batch);
        observers.Tell(batch.Readings, batch.Alerts);

        return result;
    }
}

/// <summary>
/// Serializes transactions that change or remove quarantined readings. A retry deletes a reading and inserts it again if it is refused. Without the
/// lock a concurrent transaction would not find it. Arriving readings don't take this lock; those that store unclear register readings lock their rows.
/// </summary>
internal static class QuarantineLock
{
    private const string Hold = "select pg_advisory_xact_lock(hashtext('quarantine'))";

    /// <summary>Takes the lock until the transaction ends.</summary>
    public static Task HoldQuarantineAsync(this DbContext db, CancellationToken cancel) => db.Database.ExecuteSqlRawAsync(Hold, cancel);
}
