using EnergyAspire.Monitoring.Registers;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Reasons why a reading was not accepted. The names are stored and are part of the API.</summary>
public static class QuarantineReason
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
        [Malformed, Negative, Absurd, Future, TooOld, UnknownDevice, MeterNotInUse, WrongKind, RegisterUnclear, ConflictingDuplicate, Rejected];

    /// <summary>Not the JSON of a reading.</summary>
    public const string Malformed = "malformed";

    /// <summary>Energy or a register below zero.</summary>
    public const string Negative = "negative";

    /// <summary>More energy than <see cref="IngestOptions.LargestReadingKwh"/> in one interval, or more digits than the device's register has.</summary>
    public const string Absurd = "absurd";

    /// <summary>Further in the future than <see cref="IngestOptions.FutureTolerance"/>; retried when its time has come.</summary>
    public const string Future = "future";

    /// <summary>Older than <see cref="IngestOptions.Retention"/>.</summary>
    public const string TooOld = "too_old";

    /// <summary>The id is neither that of a device nor of a meter; retried when it is.</summary>
    public const string UnknownDevice = "unknown_device";

    /// <summary>
    /// The meter measured for a device, but not at the time of the reading; retried when the device's meters are corrected so that it did.
    /// </summary>
    public const string MeterNotInUse = MeterCorrection.Reason;

    /// <summary>A register of a device whose meter reports the energy of intervals, or the reverse.</summary>
    public const string WrongKind = "wrong_kind";

    /// <summary>
    /// A register that doesn't continue from the reading before. It is stored when later readings or an admin make clear what happened.
    /// </summary>
    public const string RegisterUnclear = RegisterChain.Reason;

    /// <summary>The same device and time as an earlier reading with another value; the earlier one stays.</summary>
    public const string ConflictingDuplicate = "conflicting_duplicate";

    /// <summary>The database refused it.</summary>
    public const string Rejected = "rejected";

    /// <summary>
    /// Whether a retry can ever succeed, for example when a device appears, time passes or a setting changes. False when the bytes are invalid or
    /// conflict with a stored reading.
    /// </summary>
    public static bool IsRetryable(string reason) => reason is not (Malformed or Negative or ConflictingDuplicate);
}
