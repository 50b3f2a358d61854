using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>Expected outcome of a sent reading.</summary>
public enum Outcome
{
    /// <summary>Stored and counted in its hour.</summary>
    Stored,

    /// <summary>A duplicate, which has no effect.</summary>
    Duplicate,

    /// <summary>Quarantined as <c>malformed</c>.</summary>
    Malformed,

    /// <summary>Quarantined as <c>negative</c>.</summary>
    Negative,

    /// <summary>Quarantined as <c>future</c>.</summary>
    Future,

    /// <summary>Quarantined as <c>unknown_device</c>.</summary>
    UnknownDevice,

    /// <summary>Quarantined as <c>conflicting_duplicate</c>.</summary>
    ConflictingDuplicate,
}

/// <summary>A reading in a message.</summary>
/// <param name="Meter">Meter that sent it.</param>
/// <param name="Timestamp">Timestamp by the meter's clock.</param>
/// <param name="Energy">Milliwatt-hours.</param>
/// <param name="Outcome">Expected outcome.</param>
public readonly record struct SentReading(Meter Meter, DateTimeOffset Timestamp, long Energy, Outcome Outcome);

/// <summary>A message to the queue.</summary>
/// <param name="Due">When it is sent, on the simulated clock.</param>
/// <param name="Body">JSON of a reading, or of an array of readings.</param>
/// <param name="Readings">Readings in the body.</param>
public sealed record Message(DateTimeOffset Due, ReadOnlyMemory<byte> Body, IReadOnlyList<SentReading> Readings);
