using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>Kinds of reports about an interval.</summary>
public enum ReportKind
{
    /// <summary>The reading.</summary>
    Reading,

    /// <summary>A repetition of the reading.</summary>
    Duplicate,

    /// <summary>A repetition of the reading, then one with another value.</summary>
    Conflict,

    /// <summary>Something that isn't a reading.</summary>
    Malformed,

    /// <summary>Energy below zero.</summary>
    Negative,

    /// <summary>A timestamp far ahead.</summary>
    Future,

    /// <summary>An id that no device has.</summary>
    UnknownDevice,
}

/// <summary>A meter's report about an interval.</summary>
/// <param name="Due">When it is sent, on the simulated clock.</param>
/// <param name="Meter">Meter.</param>
/// <param name="Interval">True start of the interval, also when the meter's clock is wrong.</param>
/// <param name="Kind">Kind of the report.</param>
public readonly record struct Report(DateTimeOffset Due, Meter Meter, DateTimeOffset Interval, ReportKind Kind);
