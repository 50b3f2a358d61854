using System.Text.Json.Serialization;
using EnergyAspire.Data.Imports;

namespace EnergyAspire.Monitoring.Imports;

/// <summary>What an import did with a reading, or would do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReadingResult>))]
public enum ReadingResult
{
    /// <summary>It is new and stored.</summary>
    [JsonStringEnumMemberName("stored")]
    Stored,

    /// <summary>It is there already: stored with the same value, or in quarantine.</summary>
    [JsonStringEnumMemberName("duplicate")]
    Duplicate,

    /// <summary>A register reading that doesn't continue from the one before. It is stored when later readings or an admin make clear what happened.</summary>
    [JsonStringEnumMemberName("quarantined")]
    Quarantined,

    /// <summary>It is not accepted, and nothing of it is kept.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>Result of a line of an import of readings.</summary>
/// <param name="Line">Number of the line in the file that it starts in, from 1; the header is the first.</param>
/// <param name="DeviceId">Device that the reading belongs to; null when it isn't known.</param>
/// <param name="Timestamp">Time of the reading in UTC; null when it can't be read.</param>
/// <param name="Result"><c>stored</c>, <c>duplicate</c>, <c>quarantined</c> or <c>failed</c>.</param>
/// <param name="Errors">Why it failed or is in quarantine; otherwise empty.</param>
public sealed record ImportedReading(int Line, Guid? DeviceId, DateTimeOffset? Timestamp, ReadingResult Result, IReadOnlyList<LineError> Errors);

/// <summary>Result of an import of readings.</summary>
/// <param name="Preview">Whether nothing was written.</param>
/// <param name="Stored">How many readings are new.</param>
/// <param name="Duplicates">How many were there already.</param>
/// <param name="Quarantined">How many register readings were put into quarantine.</param>
/// <param name="Failed">How many were not accepted.</param>
/// <param name="Lines">Every line, in the order of the file.</param>
/// <example>{"preview":false,"stored":1,"duplicates":0,"quarantined":0,"failed":1,"lines":[{"line":2,"device_id":"00000000-0000-7000-8000-0000000000d1","timestamp":"2026-03-29T00:50:00Z","result":"stored","errors":[]},{"line":3,"device_id":"00000000-0000-7000-8000-0000000000d1","timestamp":"2026-03-29T01:00:00Z","result":"failed","errors":[{"column":"measurement_value","message":"A value below zero is not accepted: -1 kWh."}]}]}</example>
public sealed record ReadingImportAnswer(
    bool Preview, int Stored, int Duplicates, int Quarantined, int Failed, IReadOnlyList<ImportedReading> Lines)
{
    internal static ReadingImportAnswer Of(bool preview, IReadOnlyList<ImportedReading> lines)
    {
        var counts = lines.CountBy(line => line.Result).ToDictionary();

        return new ReadingImportAnswer(
            preview, counts.GetValueOrDefault(ReadingResult.Stored), counts.GetValueOrDefault(ReadingResult.Duplicate),
            counts.GetValueOrDefault(ReadingResult.Quarantined), counts.GetValueOrDefault(ReadingResult.Failed), lines);
    }
}
