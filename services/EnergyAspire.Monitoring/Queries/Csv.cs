using System.Globalization;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>Lines of comma-separated values as RFC 4180 has them.</summary>
internal static class Csv
{
    /// <summary>What a CSV answer is sent as.</summary>
    public const string MediaType = "text/csv; charset=utf-8; header=present";

    /// <summary>Joins fields to a line, quoting those that need it.</summary>
    public static string Line(params IEnumerable<string?> fields) => $"{string.Join(',', fields.Select(Quote))}\r\n";

    /// <summary>Makes a text that people chose harmless: a spreadsheet would run one that begins like a formula.</summary>
    public static string Text(string text) =>
        text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;

    /// <summary>Writes an instant as RFC 3339 with its own offset.</summary>
    public static string Time(DateTimeOffset instant) =>
        instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);

    /// <summary>Writes an instant as RFC 3339 in UTC.</summary>
    public static string Utc(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static string? Quote(string? field) =>
        field?.AsSpan().ContainsAny(",\"\r\n") == true ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
