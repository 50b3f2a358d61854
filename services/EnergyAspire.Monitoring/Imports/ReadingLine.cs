using System.Text.Json;
using EnergyAspire.Api.Lists;
using EnergyAspire.Data.Imports;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Imports;

/// <summary>Columns of a file of readings, named as the fields of a message.</summary>
internal static class ReadingColumns
{
    public const string DeviceId = "device_id";
    public const string Timestamp = "timestamp";
    public const string MeasurementValue = "measurement_value";
    public const string RegisterValue = "register_value";

    /// <summary>All of them, in the order of the template.</summary>
    public static readonly IReadOnlyList<string> All = [DeviceId, Timestamp, MeasurementValue, RegisterValue];

    /// <summary>Maps the columns of the export of readings, so that it can be imported.</summary>
    public static string NameOf(string column) => column switch
    {
        "measurement_value_kwh" => MeasurementValue,
        "register_value_kwh" => RegisterValue,
        "device_name" or "timestamp_utc" or "interval_seconds" => ImportFile.Error,
        _ => column,
    };
}

/// <summary>A line of a file of readings, as the message that a meter would send.</summary>
internal sealed class ReadingLine
{
    private const int DateLength = 10;

    private readonly ImportRow _row;

    /// <summary>Reads the cells; what is wrong with them by themselves is in <see cref="Errors"/>.</summary>
    public ReadingLine(ImportRow row, ReadingParser parser)
    {
        _row = row;
        var meter = Need(ReadingColumns.DeviceId) is null ? null : row.Read<Guid>(ReadingColumns.DeviceId, Guid.TryParse, QueryValues.NoId);
        Timestamp = Need(ReadingColumns.Timestamp) is null ? null : row.Read<DateTimeOffset>(
            ReadingColumns.Timestamp, (text, out time) => TryReadTime(parser, text, out time),
            "This is no RFC 3339 time with its offset from UTC, such as 2026-03-29T00:50:00Z or 2026-03-29T02:50:00+02:00.");
        var (energy, register) = (row.Amount(ReadingColumns.MeasurementValue), row.Amount(ReadingColumns.RegisterValue));
        if (row.Text(ReadingColumns.MeasurementValue) is null && row.Text(ReadingColumns.RegisterValue) is null)
            row.Refuse(ReadingColumns.MeasurementValue, "A value is needed, here or in register_value.");
        ValueColumn = energy is null ? ReadingColumns.RegisterValue : ReadingColumns.MeasurementValue;
        if (Errors is not [])
            return;

        Body = JsonSerializer.SerializeToUtf8Bytes(Fields());
        Parsed = parser.Parse(Body);

        Dictionary<string, object> Fields()
        {
            var fields = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [ReadingColumns.Timestamp] = Timestamp!.Value.UtcDateTime,
                [ReadingColumns.DeviceId] = meter!.Value,
            };
            if (energy is { } measured)
                fields[ReadingColumns.MeasurementValue] = measured;
            if (register is { } shown)
                fields[ReadingColumns.RegisterValue] = shown;

            return fields;
        }
    }

    /// <summary>Number of the line in the file.</summary>
    public int Number => _row.Number;

    /// <summary>Time of the reading in UTC; null when it can't be read.</summary>
    public DateTimeOffset? Timestamp { get; }

    /// <summary>Column of the value that counts.</summary>
    public string ValueColumn { get; }

    /// <summary>The message; empty when the line has errors.</summary>
    public byte[] Body { get; } = [];

    /// <summary>Result of parsing the message, when the line has no errors.</summary>
    public ParsedReading Parsed { get; }

    /// <summary>What is wrong with the line by itself.</summary>
    public IReadOnlyList<LineError> Errors => _row.Errors;

    private string? Need(string column)
    {
        if (_row.Text(column) is { } text)
            return text;
        // A cell that can't be read has its own error.
        if (!Errors.Any(error => error.Column == column))
            _row.Refuse(column, "A value is needed.");

        return null;
    }

    /// <summary>Reads a time. RFC 3339 allows a space between date and time, and many programs write it.</summary>
    private static bool TryReadTime(ReadingParser parser, string text, out DateTimeOffset time)
    {
        var read = parser.ParseTime(text.Length > DateLength && text[DateLength] == ' ' ? $"{text[..DateLength]}T{text[(DateLength + 1)..]}" : text);
        time = read.GetValueOrDefault();

        return read is not null;
    }
}
