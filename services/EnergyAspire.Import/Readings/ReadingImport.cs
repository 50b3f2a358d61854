using System.Diagnostics;
using EnergyAspire.Import.Old;
using EnergyAspire.Import.Reporting;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Import.Readings;

/// <summary>
/// Passes the replaced system's measurements to Monitoring's ingest, as messages of meters: with the same checks, quarantine, ledger and alerts.
/// Measurements that are stored or in quarantine already are skipped.
/// </summary>
internal sealed class ReadingImport(
    OldReadings old, HeldReadings held, ReadingParser parser, ReadingIngest ingest, ImportReport report, TimeProvider time, int batchSize, bool isDryRun)
{
    // The consumers' numbers start at 1, and replays have -1.
    private const int LedgerWriter = -2;

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, long> _refusals = new(StringComparer.Ordinal);
    private long _read;
    private long _passed;
    private long _told;
    private long _toldAt;

    /// <summary>Imports the measurements of all devices.</summary>
    /// <param name="devices">Devices that are here; others' readings go to quarantine.</param>
    public async Task RunAsync(IReadOnlySet<Guid> devices, CancellationToken cancel)
    {
        report.Say($"Readings: {old.Count:N0} to import.");
        _toldAt = Stopwatch.GetTimestamp();
        foreach (var device in old.Devices)
        {
            if (isDryRun)
                await JudgeAsync(device, devices.Contains(device), cancel);
            else
                await ImportAsync(device, cancel);
        }

        report.Say(isDryRun
            ? $"Readings: {_read - _refusals.Values.Sum():N0} would be passed to the ingest, repeated ones included."
            : $"Readings: {_passed:N0} passed to the ingest, {_read - _passed:N0} were here.");
        foreach (var (reason, count) in _refusals.OrderBy(refusal => refusal.Key, StringComparer.Ordinal))
            report.Say($"Readings: {count:N0} would go to quarantine: {reason}.");
    }

    /// <summary>The reading of a measurement, as it would have arrived from the meter.</summary>
    public static ArrivedReading Arrive(OldMeasurement measurement, ReadingParser parser, DateTimeOffset now)
    {
        var body = OldMessage.Of(measurement);
        return new ArrivedReading(body, now, parser.Parse(body));
    }

    private async Task ImportAsync(Guid device, CancellationToken cancel)
    {
        var (hasReadings, hasQuarantined) = await held.AnyAsync(device, cancel);
        await foreach (var chunk in old.MeasurementsAsync(device, batchSize, cancel))
        {
            var now = time.GetUtcNow();
            var fresh = chunk.ConvertAll(measurement => Arrive(measurement, parser, now));
            // In this order, because a retry may move a reading from quarantine to the stored ones in between.
            if (hasQuarantined)
            {
                var quarantined = await held.QuarantinedAsync(device, fresh, cancel);
                fresh.RemoveAll(reading => quarantined.Take(reading) is not null);
            }

            if (hasReadings || hasQuarantined)
            {
                var energies = await held.EnergiesAsync(device, fresh, cancel);
                fresh.RemoveAll(reading => IsStored(reading, energies));
            }

            if (fresh.Count > 0)
                await ingest.StoreAsync(fresh, LedgerWriter, cancel);
            Tell(chunk.Count, fresh.Count);
        }
    }

    /// <summary>Whether a reading is stored with its value.</summary>
    internal static bool IsStored(ArrivedReading reading, Dictionary<DateTimeOffset, long> energies) =>
        reading.Parsed.Reason is null
        && energies.TryGetValue(reading.Parsed.Reading.Timestamp, out var energy) && energy == reading.Parsed.Reading.Energy;

    private async Task JudgeAsync(Guid device, bool isKnown, CancellationToken cancel)
    {
        await foreach (var chunk in old.MeasurementsAsync(device, batchSize, cancel))
        {
            foreach (var measurement in chunk)
            {
                var parsed = parser.Parse(OldMessage.Of(measurement));
                if ((parsed.Reason ?? (isKnown ? null : QuarantineReason.UnknownDevice)) is { } reason)
                    _refusals[reason] = _refusals.GetValueOrDefault(reason) + 1;
            }

            Tell(chunk.Count, 0);
        }
    }

    private void Tell(int read, int passed)
    {
        (_read, _passed) = (_read + read, _passed + passed);
        if (Stopwatch.GetElapsedTime(_toldAt) is var elapsed && elapsed < TellEvery)
            return;

        report.Say($"Readings: {_read:N0} of {old.Count:N0} read, {_passed:N0} passed to the ingest; {(_read - _told) / elapsed.TotalSeconds:N0} a second.");
        (_told, _toldAt) = (_read, Stopwatch.GetTimestamp());
    }
}
