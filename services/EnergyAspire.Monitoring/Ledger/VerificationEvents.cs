using System.Globalization;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Progress of a verification; the event <c>progress</c>.</summary>
/// <param name="Done">Number of completed parts.</param>
/// <param name="Total">Number of all parts.</param>
/// <param name="Message">The last completed part as a sentence.</param>
public sealed record VerificationProgress(int Done, int Total, string Message);

/// <summary>Result of a verification; the event <c>result</c>, always the last one. Without it the verification was interrupted.</summary>
/// <param name="Consistent">Whether there are no differences.</param>
/// <param name="HoursChecked">Number of hours that were compared with their raw readings.</param>
/// <param name="ReadingsChecked">Number of raw readings that were summed.</param>
/// <param name="Differences">Number of reported differences.</param>
public sealed record VerificationResult(bool Consistent, long HoursChecked, long ReadingsChecked, int Differences);

/// <summary>Kinds of differences. The names are part of the API.</summary>
public static class DifferenceKind
{
    /// <summary>An hour of a device isn't the sum of its raw readings; it can be repaired.</summary>
    public const string Hour = "hour";

    /// <summary>In an hour of arrival, received is not the sum of stored, duplicates and quarantined.</summary>
    public const string Ledger = "ledger";

    /// <summary>The ledger's count of quarantined readings of an hour of arrival differs from the number of rows in quarantine.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>The sum of the reading counts of all hours differs from the ledger's count of stored readings.</summary>
    public const string Stored = "stored";

    /// <summary>This machine doesn't know a time zone, so the hours of its devices can't be verified.</summary>
    public const string Zone = "zone";
}

/// <summary>An inconsistency; the event <c>difference</c>.</summary>
/// <param name="Kind"><c>hour</c>, <c>ledger</c>, <c>quarantine</c>, <c>stored</c> or <c>zone</c>.</param>
/// <param name="DeviceId">Device; only for <c>hour</c>.</param>
/// <param name="Hour">Start of the device's hour, or hour of arrival, in UTC; null for <c>stored</c> and <c>zone</c>.</param>
/// <param name="ExpectedEnergy">Sum of the raw readings in kWh; only for <c>hour</c>.</param>
/// <param name="FoundEnergy">Energy of the hour in kWh; only for <c>hour</c>.</param>
/// <param name="ExpectedCount">Expected number of readings; null for <c>zone</c>.</param>
/// <param name="FoundCount">Actual number of readings; null for <c>zone</c>.</param>
/// <param name="Message">The difference as a sentence. Readings that start in an earlier hour are counted separately.</param>
public sealed record LedgerDifference(
    string Kind, Guid? DeviceId, DateTimeOffset? Hour, decimal? ExpectedEnergy, decimal? FoundEnergy, long? ExpectedCount, long? FoundCount,
    string Message)
{
    internal static LedgerDifference Of(WrongHour wrong)
    {
        var (expected, found) = (Energy.ToKilowattHours(wrong.RawEnergy ?? 0), Energy.ToKilowattHours(wrong.Energy ?? 0));
        var (readings, counted) = (wrong.RawCount ?? 0, wrong.ReadingCount ?? 0);
        var (reaching, countedReaching) = (wrong.RawSpread ?? 0, wrong.SpreadCount ?? 0);
        var (all, allCounted) = (reaching > 0 ? $"{readings} and {reaching}" : $"{readings}", countedReaching > 0 ? $"{counted} and {countedReaching}" : $"{counted}");

        return new(DifferenceKind.Hour, wrong.DeviceId, wrong.Hour, expected, found, readings, counted, Invariant(
            $"The hour {wrong.Hour:yyyy-MM-ddTHH:mmZ} of device {wrong.DeviceId} has {found} kWh from {allCounted} readings; its raw readings are {expected} kWh from {all}."));
    }

    internal static LedgerDifference Of(WrongEntry wrong) =>
        new(wrong.Kind, DeviceId: null, wrong.Hour, ExpectedEnergy: null, FoundEnergy: null, wrong.Expected, wrong.Found, wrong.Kind switch
        {
            DifferenceKind.Ledger => Invariant(
                $"Of the readings that arrived from {wrong.Hour:yyyy-MM-ddTHH:mmZ} on, {wrong.Found} are received; stored, duplicates and quarantined make {wrong.Expected}."),
            DifferenceKind.Quarantine => Invariant(
                $"Of the readings that arrived from {wrong.Hour:yyyy-MM-ddTHH:mmZ} on, {wrong.Expected} are in quarantine; the ledger says {wrong.Found}."),
            _ => Invariant($"All hours together count {wrong.Expected} readings; the ledger says that {wrong.Found} are stored."),
        });

    internal static LedgerDifference Of(string unknownZone) =>
        new(DifferenceKind.Zone, null, null, null, null, null, null,
            $"This machine doesn't know the time zone {unknownZone}, so the hours of its devices are not checked.");

    private static string Invariant(FormattableString message) => message.ToString(CultureInfo.InvariantCulture);
}
