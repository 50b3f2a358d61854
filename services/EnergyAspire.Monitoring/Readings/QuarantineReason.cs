namespace EnergyAspire.Monitoring.Readings;

/// <summary>Why a reading was not accepted; the names are stored and shown.</summary>
public static class QuarantineReason
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
        [Malformed, Negative, Absurd, Future, TooOld, UnknownDevice, ConflictingDuplicate, Rejected];

    /// <summary>Not the JSON of a reading.</summary>
    public const string Malformed = "malformed";

    /// <summary>Energy below zero.</summary>
    public const string Negative = "negative";

    /// <summary>More energy than <see cref="IngestOptions.LargestReadingKwh"/> in one interval.</summary>
    public const string Absurd = "absurd";

    /// <summary>Further ahead of now than <see cref="IngestOptions.FutureTolerance"/>; tried again when its time has come.</summary>
    public const string Future = "future";

    /// <summary>Older than <see cref="IngestOptions.Retention"/>.</summary>
    public const string TooOld = "too_old";

    /// <summary>Of a device that this service doesn't know; tried again when the device appears.</summary>
    public const string UnknownDevice = "unknown_device";

    /// <summary>The same device and time as an earlier reading with another value; the earlier one stays.</summary>
    public const string ConflictingDuplicate = "conflicting_duplicate";

    /// <summary>The database refused it.</summary>
    public const string Rejected = "rejected";

    /// <summary>
    /// Whether trying again can ever succeed, because a device appears, time passes, a setting or the machine changes; false where the
    /// bytes themselves are the fault, or what is stored stays.
    /// </summary>
    public static bool IsRetryable(string reason) => reason is not (Malformed or Negative or ConflictingDuplicate);
}
