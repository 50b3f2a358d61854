using System.Diagnostics;
using System.Diagnostics.Metrics;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Simulator;

/// <summary>Metrics and traces of the simulator.</summary>
public sealed class SimulatorTelemetry
{
    private const string Name = "EnergyAspire.Simulator";

    /// <summary>Spans of reported readings.</summary>
    public static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _readings;
    private readonly Histogram<double> _confirmation;

    /// <summary>Creates the instruments.</summary>
    public SimulatorTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _readings = meter.CreateCounter<long>("energy.simulator.readings", "{reading}", "Readings that the broker confirmed.");
        _confirmation = meter.CreateHistogram(
            "energy.simulator.confirm.duration", "s", "Time from sending readings to their confirmation.", tags: null, advice: DurationBuckets.Operations);
    }

    /// <summary>Counts readings that the broker confirmed together.</summary>
    public void Confirmed(int count, TimeSpan duration)
    {
        _readings.Add(count);
        _confirmation.Record(duration.TotalSeconds);
    }
}
