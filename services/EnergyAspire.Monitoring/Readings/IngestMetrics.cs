using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Counts what the ledger counts, for dashboards.</summary>
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
    private volatile IReadOnlyDictionary<string, long> _waiting = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Creates the instruments.</summary>
    public IngestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _readings = meter.CreateCounter<long>("energy.ingest.readings", "{reading}", "Readings taken in, by what became of them.");
        _alerts = meter.CreateCounter<long>("energy.alerts.raised", "{alert}", "Hours over their limit or on the way there.");
        _lag = meter.CreateHistogram<double>(
            "energy.ingest.lag", "s", "Age of a batch's newest reading when the batch was committed; one interval is usual.");
        _retried = meter.CreateCounter<long>("energy.quarantine.retried", "{reading}", "Quarantined readings that were tried again, by what became of them.");
        meter.CreateObservableGauge(
            "energy.quarantine.waiting",
            () => _waiting.Select(reason => new Measurement<long>(reason.Value, new KeyValuePair<string, object?>("reason", reason.Key))),
            "{reading}", "Readings in quarantine that nobody has discarded, by reason; counted once a minute.");
        _duration = meter.CreateHistogram<double>("energy.ingest.batch.duration", "s", "Time from a full batch to its commit.");
    }

    /// <summary>Counts a committed batch.</summary>
    /// <param name="result">What became of it.</param>
    /// <param name="duration">Time that storing it took.</param>
    /// <param name="lag">Age of its newest acceptable reading; null when it has none.</param>
    public void Record(BatchResult result, TimeSpan duration, TimeSpan? lag)
    {
        if (lag is { } age)
            _lag.Record(age.TotalSeconds);
        Count(_readings, result.Stored, "stored");
        Count(_readings, result.Duplicates, "duplicate");
        foreach (var (reason, count) in result.Quarantined)
            Count(_readings, count, reason);
        foreach (var alert in result.Alerts)
            _alerts.Add(1, new("kind", alert.Alert.Kind), new("late", alert.Alert.IsLate));
        _duration.Record(duration.TotalSeconds);
    }

    /// <summary>Counts readings that were tried again and committed.</summary>
    public void RecordRetry(BatchResult result)
    {
        Count(_retried, result.Stored, "stored");
        Count(_retried, result.Duplicates, "duplicate");
        foreach (var (reason, count) in result.Quarantined)
            Count(_retried, count, reason);
    }

    /// <summary>Shows how many readings wait in quarantine, by reason.</summary>
    public void ShowWaiting(IReadOnlyDictionary<string, long> waiting) => _waiting = waiting;

    private static void Count(Counter<long> counter, int count, string outcome)
    {
        if (count > 0)
            counter.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
    }
}
