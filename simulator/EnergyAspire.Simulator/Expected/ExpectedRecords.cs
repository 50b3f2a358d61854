using System.Text.Json;
using System.Text.Json.Serialization;

namespace EnergyAspire.Simulator.Expected;

/// <summary>What a device must have consumed in a local clock hour; fields are named as the API names them.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="TimeZone">IANA zone that the hour is of.</param>
/// <param name="Start">When the hour starts, in UTC.</param>
/// <param name="TotalConsumption">kWh, exactly.</param>
/// <param name="MeasurementCount">Readings that it is the sum of, at least one.</param>
public sealed record ExpectedHour(Guid DeviceId, string TimeZone, DateTimeOffset Start, decimal TotalConsumption, int MeasurementCount);

/// <summary>What must have become of everything that was sent.</summary>
/// <param name="Messages">Messages.</param>
/// <param name="Readings">Readings in them: stored, duplicates and quarantined together.</param>
/// <param name="Stored">Readings that count.</param>
/// <param name="Duplicates">Readings without effect; more when some were sent or delivered again.</param>
/// <param name="Quarantined">Readings that are not accepted, by reason; more when some were sent or delivered again.</param>
/// <param name="SentAgain">Readings that a lost connection left unconfirmed and that were sent again, on top of <paramref name="Readings"/>.</param>
public sealed record ExpectedSummary(
    long Messages, long Readings, long Stored, long Duplicates, IReadOnlyDictionary<string, long> Quarantined, long SentAgain);

/// <summary>A line of an expected file: an hour, or the summary as the last line of a run that finished.</summary>
internal static class ExpectedLine
{
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public sealed record SummaryLine(ExpectedSummary Summary);
}
