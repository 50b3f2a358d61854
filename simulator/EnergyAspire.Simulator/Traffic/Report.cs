using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>What a meter sends about an interval.</summary>
public enum ReportKind
{
    /// <summary>What it measured.</summary>
    Reading,

    /// <summary>The same again.</summary>
    Duplicate,

    /// <summary>The same again and then another value.</summary>
    Conflict,

    /// <summary>Something that isn't a reading.</summary>
    Malformed,

    /// <summary>Energy below zero.</summary>
    Negative,

    /// <summary>A timestamp far ahead.</summary>
    Future,

    /// <summary>Another device's id that nobody knows.</summary>
    UnknownDevice,
}

/// <summary>A meter's report about an interval.</summary>
/// <param name="Due">When it is sent, on the simulated clock.</param>
/// <param name="Meter">Meter.</param>
/// <param name="Interval">True start of the interval, whatever the meter's clock says.</param>
/// <param name="Kind">What it sends.</param>
public readonly record struct Report(DateTimeOffset Due, Meter Meter, DateTimeOffset Interval, ReportKind Kind);
