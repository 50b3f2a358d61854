using System.Text.Json;
using System.Text.Json.Serialization;

namespace EnergyAspire.Simulator.Expected;

/// <summary>Expected consumption of a device in a local clock hour, with the API's field names.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="Start">When the hour starts, in UTC.</param>
/// <param name="TotalConsumption">kWh, exactly.</param>
/// <param name="MeasurementCount">Readings that start in it; 0 where one that started earlier reaches into it.</param>
public sealed record ExpectedHour(Guid DeviceId, string TimeZone, DateTimeOffset Start, decimal TotalConsumption, int MeasurementCount);

/// <summary>Expected counts of everything that was sent.</summary>
/// <param name="Messages">Messages.</param>
/// <param name="Readings">Readings in them: stored, duplicates and quarantined together.</param>
/// <param name="Stored">Readings that are counted in hours.</param>
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
