using System.Globalization;
using EnergyAspire.Monitoring.Consumption;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>How far a verification has come; the event <c>progress</c>.</summary>
/// <param name="Done">Parts that are done.</param>
/// <param name="Total">Parts there are.</param>
/// <param name="Message">What was done last, for people.</param>
public sealed record VerificationProgress(int Done, int Total, string Message);

/// <summary>What a verification came to; the event <c>result</c>, always the last. Without it the verification was broken off.</summary>
/// <param name="Consistent">Whether everything adds up.</param>
/// <param name="HoursChecked">Hours of devices that were compared with their raw readings.</param>
/// <param name="ReadingsChecked">Raw readings that were added up.</param>
/// <param name="Differences">How many differences were named.</param>
public sealed record VerificationResult(bool Consistent, long HoursChecked, long ReadingsChecked, int Differences);

/// <summary>What a difference is about; the names are part of the API.</summary>
public static class DifferenceKind
{
    /// <summary>An hour of a device isn't the sum of its raw readings; it can be repaired.</summary>
    public const string Hour = "hour";

    /// <summary>In an hour of arrival received isn't stored + duplicates + quarantined.</summary>
    public const string Ledger = "ledger";

    /// <summary>The ledger's count of quarantined readings in an hour of arrival isn't that of the rows in quarantine.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>The readings that all hours count aren't as many as the ledger says are stored.</summary>
    public const string Stored = "stored";

    /// <summary>This machine doesn't know a time zone, so that the hours of its devices can't be checked.</summary>
    public const string Zone = "zone";
}

/// <summary>Something that doesn't add up; the event <c>difference</c>.</summary>
/// <param name="Kind"><c>hour</c>, <c>ledger</c>, <c>quarantine</c>, <c>stored</c> or <c>zone</c>.</param>
/// <param name="DeviceId">Device, when it is about one of its hours.</param>
/// <param name="Hour">Start of the device's hour, or hour of arrival, in UTC; null for a total.</param>
/// <param name="ExpectedEnergy">Energy in kWh that raw readings add up to; only for an hour of a device.</param>
/// <param name="FoundEnergy">Energy in kWh that the hour has; only for an hour of a device.</param>
/// <param name="ExpectedCount">How many readings it should be.</param>
/// <param name="FoundCount">How many readings it is.</param>
/// <param name="Message">The same in words.</param>
public sealed record LedgerDifference(
    string Kind, Guid? DeviceId, DateTimeOffset? Hour, decimal? ExpectedEnergy, decimal? FoundEnergy, long? ExpectedCount, long? FoundCount,
    string Message)
{
    internal static LedgerDifference Of(WrongHour wrong)
    {
        var (expected, found) = (Energy.ToKilowattHours(wrong.RawEnergy ?? 0), Energy.ToKilowattHours(wrong.Energy ?? 0));
        var (readings, counted) = (wrong.RawCount ?? 0, wrong.ReadingCount ?? 0);

        return new(DifferenceKind.Hour, wrong.DeviceId, wrong.Hour, expected, found, readings, counted, Invariant(
            $"The hour {wrong.Hour:yyyy-MM-ddTHH:mmZ} of device {wrong.DeviceId} has {found} kWh from {counted} readings; its raw readings are {expected} kWh from {readings}."));
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
