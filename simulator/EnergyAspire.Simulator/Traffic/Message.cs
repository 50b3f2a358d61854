using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>What must become of a reading that was sent.</summary>
public enum Outcome
{
    /// <summary>It counts in its hour.</summary>
    Stored,

    /// <summary>It has no effect.</summary>
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
/// <param name="Outcome">What must become of it.</param>
public readonly record struct SentReading(Meter Meter, DateTimeOffset Timestamp, long Energy, Outcome Outcome);

/// <summary>A message to the queue.</summary>
/// <param name="Due">When it is sent, on the simulated clock.</param>
/// <param name="Body">A reading, or an array of them.</param>
/// <param name="Readings">What is in it.</param>
public sealed record Message(DateTimeOffset Due, ReadOnlyMemory<byte> Body, IReadOnlyList<SentReading> Readings);
