using System.Text.Json.Serialization;
using EnergyAspire.Data.Imports;

namespace EnergyAspire.Devices.Imports;

/// <summary>What an import did with a line, or would do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LineResult>))]
public enum LineResult
{
    /// <summary>The device is new.</summary>
    [JsonStringEnumMemberName("created")]
    Created,

    /// <summary>A field of the device changed, or it was assigned to somebody.</summary>
    [JsonStringEnumMemberName("updated")]
    Updated,

    /// <summary>Everything was as in the line already.</summary>
    [JsonStringEnumMemberName("unchanged")]
    Unchanged,

    /// <summary>Nothing of the line was taken over.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>Result of a line of an import.</summary>
/// <param name="Line">Number of the line in the file that it starts in, from 1; the header is the first.</param>
/// <param name="ExternalId">The line's external id; null without one.</param>
/// <param name="Result"><c>created</c>, <c>updated</c>, <c>unchanged</c> or <c>failed</c>.</param>
/// <param name="DeviceId">Device id; null when there is no device.</param>
/// <param name="Errors">Why it failed; otherwise empty.</param>
public sealed record ImportedLine(int Line, string? ExternalId, LineResult Result, Guid? DeviceId, IReadOnlyList<LineError> Errors);

/// <summary>Result of an import.</summary>
/// <param name="Preview">Whether nothing was written.</param>
/// <param name="Created">How many devices are new.</param>
/// <param name="Updated">How many devices changed or were assigned.</param>
/// <param name="Unchanged">How many lines changed nothing.</param>
/// <param name="Failed">How many lines were not taken over.</param>
/// <param name="Lines">Every line, in the order of the file.</param>
/// <example>{"preview":false,"created":1,"updated":0,"unchanged":0,"failed":1,"lines":[{"line":2,"external_id":"HP-0017","result":"created","device_id":"00000000-0000-7000-8000-0000000000d1","errors":[]},{"line":3,"external_id":"HP-0018","result":"failed","device_id":null,"errors":[{"column":"price","message":"This is no number, such as 2.5."}]}]}</example>
public sealed record ImportAnswer(bool Preview, int Created, int Updated, int Unchanged, int Failed, IReadOnlyList<ImportedLine> Lines)
{
    internal static ImportAnswer Of(bool preview, IReadOnlyList<ImportedLine> lines)
    {
        var counts = lines.CountBy(line => line.Result).ToDictionary();

        return new ImportAnswer(
            preview, counts.GetValueOrDefault(LineResult.Created), counts.GetValueOrDefault(LineResult.Updated),
            counts.GetValueOrDefault(LineResult.Unchanged), counts.GetValueOrDefault(LineResult.Failed), lines);
    }
}
