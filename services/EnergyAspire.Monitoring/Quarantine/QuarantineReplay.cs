using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Live;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>What became of quarantined readings that were tried again.</summary>
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

/// <summary>Tries quarantined readings again. One that is refused again keeps its id and its time of arrival.</summary>
public sealed class QuarantineReplay(
    ReadingPartitions partitions, ReadingParser parser, IngestMetrics metrics, LiveFeed live, TimeProvider time)
{
    /// <summary>Most readings in one transaction.</summary>
    public const int BatchSize = 1000;

    // Ledger rows of replays are kept apart from those of the consumers.
    private const int LedgerWriter = -1;

    private const string TakeReadings = """
        delete from quarantined_readings where id = any($1) and (discarded_at is null or $2) returning id
        """;

    /// <summary>Tries readings again in one transaction, or in several when the database refuses one of them.</summary>
    /// <param name="db">Database, outside of a transaction.</param>
    /// <param name="readings">Readings as they were seen; those that have left quarantine meanwhile are passed over.</param>
    /// <param name="evenDiscarded">Whether readings that an admin has discarded are tried too.</param>
    /// <param name="audit">Adds to the context what is committed together with the readings.</param>
    /// <param name="cancel">Set when the process stops or the caller goes away.</param>
    public Task<ReplayResult> ReplayAsync(
        MonitoringDbContext db, IReadOnlyList<QuarantinedReading> readings, bool evenDiscarded, Action<ReplayResult>? audit,
        CancellationToken cancel)
    {
        // The bytes of a quarantined reading never change.
        var parsed = readings.Select(reading => new ArrivedReading(reading.Body, reading.ReceivedAt, parser.Parse(reading.Body), reading.Id));
        return ReplayAsync(db, [.. parsed], evenDiscarded, audit, cancel);
    }

    private async Task<ReplayResult> ReplayAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> readings, bool evenDiscarded, Action<ReplayResult>? audit, CancellationToken cancel)
    {
        var hasSoughtPartitions = false;
        while (true)
        {
            try
            {
                return await ReplayOnceAsync(db, readings, evenDiscarded, audit, cancel);
            }
            catch (PostgresException missing) when (!hasSoughtPartitions && ReadingIngest.IsMissingPartition(missing))
            {
                partitions.Forget(ReadingIngest.TimestampsOf(readings));
                hasSoughtPartitions = true;
            }
            catch (PostgresException refusal) when (readings.Count > 1 && ReadingIngest.IsAboutTheBatch(refusal))
            {
                var half = readings.Count / 2;
                var first = await ReplayAsync(db, [.. readings.Take(half)], evenDiscarded, audit, cancel);
                return first.Plus(await ReplayAsync(db, [.. readings.Skip(half)], evenDiscarded, audit, cancel));
            }
            catch (PostgresException refusal) when (readings[0].Parsed.Reason is not QuarantineReason.Rejected && ReadingIngest.IsAboutTheBatch(refusal))
            {
                readings = [readings[0].RefusedBecause(refusal.MessageText)];
            }
        }
    }

    private async Task<ReplayResult> ReplayOnceAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> readings, bool evenDiscarded, Action<ReplayResult>? audit, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await partitions.EnsureAsync(connection, ReadingIngest.TimestampsOf(readings), cancel);

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.HoldQuarantineAsync(cancel);
        var ids = readings.Select(reading => reading.Id!.Value).ToArray();
        var present = (await connection.ListAsync(TakeReadings, rows => rows.GetGuid(0), cancel, ids, evenDiscarded)).ToHashSet();
        var taken = readings.Where(reading => present.Contains(reading.Id!.Value)).ToList();
        if (taken.Count == 0)
            return ReplayResult.None;

        var batch = await ReadingStore.StoreAsync(db, taken, LedgerWriter, isReplay: true, time.GetUtcNow(), cancel);
        var result = new ReplayResult(batch.Stored, batch.Duplicates, batch.Quarantined.Values.Sum());
        audit?.Invoke(result);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        metrics.RecordRetry(batch);
        live.Announce(taken, batch.Alerts);

        return result;
    }
}

/// <summary>
/// Lets one transaction at a time take readings out of quarantine or change them there: to the others a reading that is refused again would
/// look gone. Readings that arrive don't wait.
/// </summary>
internal static class QuarantineLock
{
    private const string Hold = "select pg_advisory_xact_lock(hashtext('quarantine'))";

    /// <summary>Waits until nobody else changes what is in quarantine, and keeps it so until the transaction ends.</summary>
    public static Task HoldQuarantineAsync(this DbContext db, CancellationToken cancel) => db.Database.ExecuteSqlRawAsync(Hold, cancel);
}
