using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Where the readings of a batch come from.</summary>
public enum ReadingSource
{
    /// <summary>They arrive from meters.</summary>
    Meters,

    /// <summary>They are retried from quarantine, and were counted as received and quarantined before.</summary>
    Quarantine,

    /// <summary>
    /// A person imports them. A reading that isn't accepted is refused: it is neither counted nor quarantined. Only unclear register readings are
    /// quarantined, each once.
    /// </summary>
    Import,

    /// <summary>As <see cref="Import"/>, but nothing is written.</summary>
    Preview,
}

/// <summary>What becomes of a reading.</summary>
/// <param name="IsStored">Whether it is new and stored.</param>
/// <param name="IsDuplicate">Whether it was already stored with the same value, or is in quarantine already.</param>
/// <param name="Reason">Why it isn't accepted; otherwise null.</param>
/// <param name="Detail">What exactly is wrong.</param>
/// <param name="IsRefused">Whether it is neither counted nor quarantined.</param>
internal readonly record struct ReadingOutcome(bool IsStored, bool IsDuplicate, string? Reason, string? Detail, bool IsRefused = false)
{
    public static readonly ReadingOutcome Stored = new(IsStored: true, IsDuplicate: false, null, null);

    public bool IsQuarantined => Reason is not null && !IsDuplicate && !IsRefused;

    public static ReadingOutcome Quarantined(string reason, string? detail) => new(IsStored: false, IsDuplicate: false, reason, detail);

    public static ReadingOutcome Again(long energy, long storedEnergy) => energy == storedEnergy
        ? new ReadingOutcome(IsStored: false, IsDuplicate: true, null, null)
        : Quarantined(QuarantineReason.ConflictingDuplicate, $"{Energy.ToKilowattHours(storedEnergy)} kWh are stored, {Energy.ToKilowattHours(energy)} kWh came");
}
