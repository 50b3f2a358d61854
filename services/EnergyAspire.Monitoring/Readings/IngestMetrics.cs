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

    /// <summary>Creates the instruments.</summary>
    public IngestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _readings = meter.CreateCounter<long>("energy.ingest.readings", "{reading}", "Readings taken in, by what became of them.");
        _alerts = meter.CreateCounter<long>("energy.alerts.raised", "{alert}", "Hours over their limit or on the way there.");
        _duration = meter.CreateHistogram<double>("energy.ingest.batch.duration", "s", "Time from a full batch to its commit.");
    }

    /// <summary>Counts a committed batch.</summary>
    public void Record(BatchResult result, TimeSpan duration)
    {
        Count(result.Stored, "stored");
        Count(result.Duplicates, "duplicate");
        foreach (var (reason, count) in result.Quarantined)
            Count(count, reason);
        foreach (var alert in result.Alerts)
            _alerts.Add(1, new KeyValuePair<string, object?>("kind", alert.Kind));
        _duration.Record(duration.TotalSeconds);
    }

    private void Count(int count, string outcome)
    {
        if (count > 0)
            _readings.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
    }
}
