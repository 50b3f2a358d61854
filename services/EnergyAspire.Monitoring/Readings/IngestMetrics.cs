using System.Diagnostics;
using System.Diagnostics.Metrics;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Metrics and traces of ingest, with the same counts as the ledger.</summary>
public sealed class IngestMetrics
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "EnergyAspire.Monitoring";

    /// <summary>Spans of ingest.</summary>
    public static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _readings;
    private readonly Counter<long> _alerts;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _retried;
    private volatile IReadOnlyDictionary<string, long>? _waiting;

    /// <summary>Creates the instruments.</summary>
    public IngestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _readings = meter.CreateCounter<long>("energy.ingest.readings", "{reading}", "Readings taken in, by what became of them.");
        _alerts = meter.CreateCounter<long>("energy.alerts.raised", "{alert}", "Hours over their limit or on the way there.");
        _lag = meter.CreateHistogram(
            "energy.ingest.lag", "s", "Age of a batch's newest reading when the batch was committed; one interval is usual.", tags: null,
            advice: DurationBuckets.Ages);
        _retried = meter.CreateCounter<long>("energy.quarantine.retried", "{reading}", "Quarantined readings that were tried again, by what became of them.");
        meter.CreateObservableGauge(
            "energy.quarantine.waiting",
            Waiting, "{reading}", "Readings in quarantine that nobody has discarded, by reason, in all replicas; counted once a minute.");
        _duration = meter.CreateHistogram(
            "energy.ingest.batch.duration", "s", "Time from a full batch to its commit.", tags: null, advice: DurationBuckets.Operations);
    }

    /// <summary>Counts a committed batch.</summary>
    /// <param name="result">Result of the batch.</param>
    /// <param name="duration">Time that storing it took.</param>
    /// <param name="lag">Age of its newest accepted reading; null when it has none.</param>
    public void Record(BatchResult result, TimeSpan duration, TimeSpan? lag)
    {
        // A meter's clock may be ahead.
        if (lag is { } age)
            _lag.Record(Math.Max(0, age.TotalSeconds));
        Count(_readings, result.Stored, "stored");
        Count(_readings, result.Duplicates, "duplicate");
        foreach (var (reason, count) in result.Quarantined)
            Count(_readings, count, reason);
        foreach (var alert in result.Alerts)
            _alerts.Add(1, new("energy.alert.kind", alert.Alert.Kind), new("energy.alert.late", alert.Alert.IsLate));
        _duration.Record(duration.TotalSeconds);
    }

    /// <summary>Counts quarantined readings that were retried and committed.</summary>
    public void RecordRetry(BatchResult result)
    {
        Count(_retried, result.Stored, "stored");
        Count(_retried, result.Duplicates, "duplicate");
        foreach (var (reason, count) in result.Quarantined)
            Count(_retried, count, reason);
    }

    /// <summary>Sets the gauge of readings in quarantine, by reason.</summary>
    public void ShowWaiting(IReadOnlyDictionary<string, long> waiting) => _waiting = waiting;

    // A reason without readings is 0 and not absent, so that the growth from zero is a change of a known series. Nothing before the first count.
    private IEnumerable<Measurement<long>> Waiting() => _waiting is not { } waiting
        ? []
        : QuarantineReason.All.Union(waiting.Keys, StringComparer.Ordinal)
            .Select(reason => new Measurement<long>(waiting.GetValueOrDefault(reason), KeyValuePair.Create("energy.quarantine.reason", (object?)reason)));

    private static void Count(Counter<long> counter, int count, string outcome)
    {
        if (count > 0)
            counter.Add(count, new KeyValuePair<string, object?>("energy.reading.outcome", outcome));
    }
}
