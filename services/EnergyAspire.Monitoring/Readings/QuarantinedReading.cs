using EnergyAspire.Monitoring.Registers;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>A message or part of one that was not accepted as a reading, with its original bytes.</summary>
public sealed class QuarantinedReading
{
    /// <summary>Identifies the row; grows with the time of arrival.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>One of <see cref="QuarantineReason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>What exactly is wrong, as text.</summary>
    public string? Detail { get; init; }

    /// <summary>Device that the reading belongs to; the id in the message when there is none; null when it could not be read.</summary>
    public Guid? DeviceId { get; init; }

    /// <summary>Start of the reading's interval in UTC; null when it could not be read.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Original bytes.</summary>
    public required byte[] Body { get; init; }

    /// <summary>The meter's register in milliwatt-hours; null when the message has none or couldn't be read.</summary>
    public long? RegisterValue { get; init; }

    /// <summary>An admin's decision about the register, for a reading that was stored with it and taken back; null when there is none.</summary>
    public RegisterDecision? RegisterDecision { get; init; }

    /// <summary>When an admin discarded it; null before. A discarded reading stays in the ledger.</summary>
    public DateTimeOffset? DiscardedAt { get; set; }
}

/// <summary>Counts of readings that arrived in a clock hour (UTC), by outcome: received = stored + duplicates + quarantined.</summary>
public sealed class LedgerEntry
{
    /// <summary>Hour of arrival in UTC.</summary>
    public required DateTimeOffset Hour { get; init; }

    /// <summary>
    /// Number of the consumer within its process. Each consumer has its own row, so that consumers don't wait for each other's locks.
    /// </summary>
    public required int Writer { get; init; }

    /// <summary>Readings that arrived.</summary>
    public required long Received { get; init; }

    /// <summary>Readings that were new and are stored.</summary>
    public required long Stored { get; init; }

    /// <summary>Readings that were already stored with the same value.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Readings in quarantine.</summary>
    public required long Quarantined { get; init; }
}
