using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Imports;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Imports;

/// <summary>Imports readings by the code that stores those of meters, with an audit record for each device.</summary>
internal sealed class ReadingImport(
    ReadingPartitions partitions, ReadingParser parser, IngestMetrics metrics, IEnumerable<ICommitObserver> observers, TimeProvider time)
{
    // Separate from the ledger rows of the consumers, the retries, the import from the replaced system and readings that are taken back.
    private const int LedgerWriter = -4;

    /// <summary>
    /// Imports lines in one transaction, or in several when the database refuses one of them. Lines that aren't accepted are left out.
    /// </summary>
    /// <param name="rows">Lines of the file.</param>
    /// <param name="isPreview">Whether to write nothing.</param>
    /// <param name="actor">Who imports them.</param>
    public async Task<IReadOnlyList<ImportedReading>> RunAsync(
        MonitoringDbContext db, IReadOnlyList<ImportRow> rows, bool isPreview, AuditActor actor, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var lines = rows.Select(row => new ReadingLine(row, parser)).ToList();
        var batch = lines.Where(line => line.Errors is []).Select(line => new ArrivedReading(line.Body, now, line.Parsed)).ToList();
        var judged = new Queue<JudgedReading>(
            batch is [] ? []
            : isPreview ? await PreviewAsync(db, batch, now, cancel)
            : await partitions.StoreSplitAsync<IEnumerable<JudgedReading>>(batch, part => StoreAsync(db, part, actor, now, cancel), Enumerable.Concat));

        return lines.ConvertAll(line => line.Errors is [] ? Result(line, judged.Dequeue()) : new ImportedReading(line.Number, null, line.Timestamp, ReadingResult.Failed, line.Errors));
    }

    private static async Task<IEnumerable<JudgedReading>> PreviewAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> batch, DateTimeOffset now, CancellationToken cancel)
    {
        // Reads only. The transaction holds the locks under which the readings are judged.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        return Judged(await ReadingStore.StoreAsync(db, batch, LedgerWriter, ReadingSource.Preview, now, cancel));
    }

    private async Task<IEnumerable<JudgedReading>> StoreAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> batch, AuditActor actor, DateTimeOffset now, CancellationToken cancel)
    {
        await partitions.EnsureAsync(db, batch, cancel);

        var started = time.GetTimestamp();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var result = await ReadingStore.StoreAsync(db, batch, LedgerWriter, ReadingSource.Import, now, cancel);
        var judged = Judged(result).ToList();
        foreach (var device in batch.Zip(judged).Where(reading => reading.Second.Outcome is { IsStored: true } or { IsQuarantined: true }).GroupBy(reading => reading.Second.DeviceId))
        {
            db.Audit(actor, "readings_imported", now, deviceId: device.Key, after: new
            {
                Stored = device.Count(reading => reading.Second.Outcome.IsStored),
                Quarantined = device.Count(reading => reading.Second.Outcome.IsQuarantined),
                First = device.Min(reading => reading.First.Parsed.Reading.Timestamp),
                Last = device.Max(reading => reading.First.Parsed.Reading.Timestamp),
            });
        }

        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        // Their age says nothing about delays of the ingest.
        metrics.Record(result, time.GetElapsedTime(started), lag: null);
        observers.Tell(result.Readings, result.Alerts);

        return judged;
    }

    private static IEnumerable<JudgedReading> Judged(BatchResult result) =>
        result.Readings.Zip(result.Outcomes, (reading, outcome) => new JudgedReading(reading.Parsed.Reading.DeviceId, outcome));

    private static ImportedReading Result(ReadingLine line, JudgedReading judged)
    {
        var (device, outcome) = judged;
        return new ImportedReading(
            line.Number, outcome.Reason == QuarantineReason.UnknownDevice ? null : device, line.Timestamp,
            outcome.IsStored ? ReadingResult.Stored
            : outcome.IsDuplicate ? ReadingResult.Duplicate
            : outcome.IsQuarantined ? ReadingResult.Quarantined
            : ReadingResult.Failed,
            outcome.Reason is { } reason ? [Explain(line, reason, outcome)] : []);
    }

    private static LineError Explain(ReadingLine line, string reason, ReadingOutcome outcome) => reason switch
    {
        _ when outcome.IsDuplicate => new(ReadingColumns.RegisterValue, $"It is in quarantine already. {outcome.Detail}"),
        QuarantineReason.Negative => new(line.ValueColumn, $"A value below zero is not accepted: {outcome.Detail}."),
        QuarantineReason.Absurd => new(line.ValueColumn, $"The value is too large: {outcome.Detail!.TrimEnd('.')}."),
        QuarantineReason.Future => new(ReadingColumns.Timestamp, $"The time is in the future: {outcome.Detail}."),
        QuarantineReason.TooOld => new(ReadingColumns.Timestamp, $"The reading is older than readings are kept: {outcome.Detail}."),
        QuarantineReason.UnknownDevice => new(ReadingColumns.DeviceId, "There is no device or meter with this id."),
        QuarantineReason.MeterNotInUse => new(ReadingColumns.DeviceId, $"The meter was not in use at this time. {outcome.Detail}"),
        QuarantineReason.WrongKind => new(line.ValueColumn, outcome.Detail!),
        QuarantineReason.RegisterUnclear => new(ReadingColumns.RegisterValue, outcome.Detail!),
        QuarantineReason.ConflictingDuplicate => new(line.ValueColumn, $"Another reading of this time is there: {outcome.Detail!.TrimEnd('.')}."),
        _ => new(Column: null, $"It is not accepted: {outcome.Detail}"),
    };

    /// <summary>What became of a reading.</summary>
    /// <param name="DeviceId">Device that it belongs to; the id in the line when there is none.</param>
    /// <param name="Outcome">The outcome.</param>
    private readonly record struct JudgedReading(Guid DeviceId, ReadingOutcome Outcome);
}
