using System.Globalization;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>Writes comma-separated values by RFC 4180.</summary>
internal static class Csv
{
    /// <summary>Media type of a CSV answer.</summary>
    public const string MediaType = "text/csv; charset=utf-8; header=present";

    /// <summary>Joins fields to a line, quoting those that need it.</summary>
    public static string Line(params IEnumerable<string?> fields) => $"{string.Join(',', fields.Select(Quote))}\r\n";

    /// <summary>Escapes a text from users that begins like a formula, because a spreadsheet would execute it.</summary>
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
