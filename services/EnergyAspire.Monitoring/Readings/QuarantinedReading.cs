namespace EnergyAspire.Monitoring.Readings;

/// <summary>Something that arrived as a reading and was not accepted, with its original bytes.</summary>
public sealed class QuarantinedReading
{
    /// <summary>Identifies the row; grows with the time of arrival.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>One of <see cref="QuarantineReason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>What exactly was wrong, for people.</summary>
    public string? Detail { get; init; }

    /// <summary>Device, where one could be read.</summary>
    public Guid? DeviceId { get; init; }

    /// <summary>Start of the interval that it is about in UTC, where one could be read.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Original bytes.</summary>
    public required byte[] Body { get; init; }

    /// <summary>When an admin decided that it will never be accepted; null while that is open. It stays in the ledger.</summary>
    public DateTimeOffset? DiscardedAt { get; set; }
}

/// <summary>What became of the readings that arrived in a clock hour (UTC): received = stored + duplicates + quarantined.</summary>
public sealed class LedgerEntry
{
    /// <summary>Hour of arrival in UTC.</summary>
    public required DateTimeOffset Hour { get; init; }

    /// <summary>Number of the consumer within its process; consumers that shared a row would wait for each other.</summary>
    public required int Writer { get; init; }

    /// <summary>Readings that arrived.</summary>
    public required long Received { get; init; }

    /// <summary>Readings that were new and are stored.</summary>
    public required long Stored { get; init; }

    /// <summary>Readings that were stored before with the same value.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Readings in quarantine.</summary>
    public required long Quarantined { get; init; }
}
