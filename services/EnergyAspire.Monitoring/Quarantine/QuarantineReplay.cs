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
public sealed class QuarantineReplay(ReadingPartitions partitions, ReadingParser parser, LiveFeed live, TimeProvider time)
{
    /// <summary>Most readings in one transaction.</summary>
    public const int BatchSize = 1000;

    // Ledger rows of replays are kept apart from those of the consumers.
    private const int LedgerWriter = -1;

    private const string TakeReadings = """
        delete from quarantined_readings where id = any($1) and (discarded_at is null or $2) returning id, received_at, body
        """;

    /// <summary>Tries readings again in one transaction, or in several when the database refuses one of them.</summary>
    /// <param name="db">Database, outside of a transaction.</param>
    /// <param name="readings">Readings as they were seen; those that have left quarantine meanwhile are passed over.</param>
    /// <param name="evenDiscarded">Whether readings that an admin has discarded are tried too.</param>
    /// <param name="audit">Adds to the context what is committed together with the readings.</param>
    /// <param name="cancel">Set when the process stops or the caller goes away.</param>
    public async Task<ReplayResult> ReplayAsync(
        MonitoringDbContext db, IReadOnlyList<QuarantinedReading> readings, bool evenDiscarded, Action<ReplayResult>? audit,
        CancellationToken cancel)
    {
        var hasSoughtPartitions = false;
        string? refused = null;
        while (true)
        {
            try
            {
                return await ReplayOnceAsync(db, readings, evenDiscarded, refused, audit, cancel);
            }
            catch (PostgresException missing) when (!hasSoughtPartitions && ReadingIngest.IsMissingPartition(missing))
            {
                partitions.Forget(TimestampsOf(readings));
                hasSoughtPartitions = true;
            }
            catch (PostgresException refusal) when (readings.Count > 1 && ReadingIngest.IsAboutTheBatch(refusal))
            {
                var half = readings.Count / 2;
                var first = await ReplayAsync(db, [.. readings.Take(half)], evenDiscarded, audit, cancel);
                return first.Plus(await ReplayAsync(db, [.. readings.Skip(half)], evenDiscarded, audit, cancel));
            }
            catch (PostgresException refusal) when (refused is null && ReadingIngest.IsAboutTheBatch(refusal))
            {
                refused = refusal.MessageText;
            }
        }
    }

    private async Task<ReplayResult> ReplayOnceAsync(
        MonitoringDbContext db, IReadOnlyList<QuarantinedReading> readings, bool evenDiscarded, string? refused,
        Action<ReplayResult>? audit, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await partitions.EnsureAsync(connection, TimestampsOf(readings), cancel);

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.HoldQuarantineAsync(cancel);
        var ids = readings.Select(reading => reading.Id).ToArray();
        var taken = await connection.ListAsync(
            TakeReadings,
            rows =>
            {
                var body = rows.GetFieldValue<byte[]>(2);
                var parsed = parser.Parse(body);
                if (refused is not null)
                    parsed = parsed with { Reason = QuarantineReason.Rejected, Detail = refused };
                return new ArrivedReading(body, rows.GetFieldValue<DateTimeOffset>(1), parsed, rows.GetGuid(0));
            },
            cancel, ids, evenDiscarded);
        if (taken.Count == 0)
            return ReplayResult.None;

        var batch = await ReadingStore.StoreAsync(db, taken, LedgerWriter, isReplay: true, time.GetUtcNow(), cancel);
        var result = new ReplayResult(batch.Stored, batch.Duplicates, batch.Quarantined.Values.Sum());
        audit?.Invoke(result);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        live.Announce(taken, batch.Alerts);

        return result;
    }

    private IEnumerable<DateTimeOffset> TimestampsOf(IReadOnlyList<QuarantinedReading> readings) => readings
        .Select(reading => parser.Parse(reading.Body))
        .Where(parsed => parsed.Reason is null)
        .Select(parsed => parsed.Reading.Timestamp);
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
