using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using EnergyAspire.Api.Http;

namespace EnergyAspire.Devices.Imports;

/// <summary>Columns of an imported file, named as in the API.</summary>
internal static class Columns
{
    public const string ExternalId = "external_id";
    public const string Name = "name";
    public const string Description = "description";
    public const string MaxConsumption = "max_consumption";
    public const string Price = "price";
    public const string TimeZone = "time_zone";
    public const string ReportingIntervalSeconds = "reporting_interval_seconds";
    public const string RegisterDigits = "register_digits";
    public const string Id = "id";
    public const string Username = "username";

    /// <summary>Ignored, so that a file of failed lines with their errors can be corrected and imported.</summary>
    public const string Error = "error";

    /// <summary>All that have a meaning, in the order of the template.</summary>
    public static readonly IReadOnlyList<string> All =
        [ExternalId, Name, Description, MaxConsumption, Price, TimeZone, ReportingIntervalSeconds, RegisterDigits, Id, Username];
}

/// <summary>Reads CSV: UTF-8 with or without byte order mark, separated by commas, semicolons or tabs, with quotes as in RFC 4180.</summary>
internal static class ImportFile
{
    public const int MostLines = 5000;
    public const int MostBytes = 4 * 1024 * 1024;

    private static readonly char[] Separators = [',', ';', '\t'];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>An empty file with its header and an example. The byte order mark tells spreadsheets that it is UTF-8.</summary>
    public static readonly byte[] Template =
    [
        .. Encoding.UTF8.Preamble,
        .. Encoding.UTF8.GetBytes($"{string.Join(',', Columns.All)}\r\nHP-0017,Heat pump,In the cellar,3.0,0.32,Europe/Berlin,600,,,alice\r\n"),
    ];

    /// <summary>Reads the lines. Empty ones are left out.</summary>
    /// <exception cref="RefusedRequestException">It isn't such a file, or it is too long.</exception>
    public static async Task<List<ImportLine>> ReadAsync(Stream body, CancellationToken cancel)
    {
        var text = await ReadTextAsync(body, cancel);
        var header = text.TrimStart('\r', '\n').Split('\r', '\n')[0];
        var separator = Separators.MaxBy(one => header.Count(one.Equals));
        using var parser = new CsvParser(
            new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = $"{separator}", IgnoreBlankLines = false });
        var lines = new List<ImportLine>();
        List<string>? columns = null;
        foreach (var (number, cells) in Records(parser))
        {
            if (columns is null)
                CheckHeader(columns = [.. cells.Select(cell => cell.Trim())]);
            else if (lines.Count == MostLines)
                throw TooLong($"{MostLines} lines");
            else
                lines.Add(new ImportLine(number, columns, cells, hasDecimalComma: separator != ','));
        }

        return columns is null ? throw Unreadable("The file is empty. Its first line names the columns.") : lines;
    }

    private static async Task<string> ReadTextAsync(Stream body, CancellationToken cancel)
    {
        var bytes = new byte[MostBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        if (length > MostBytes)
            throw TooLong($"{MostBytes / 1024 / 1024} MiB");

        try
        {
            return Strict.GetString(bytes, 0, length).TrimStart('\ufeff');
        }
        catch (DecoderFallbackException)
        {
            throw Unreadable("The file isn't in UTF-8. Spreadsheets save it so as “CSV UTF-8”.");
        }
    }

    /// <summary>Reads the records that aren't empty, with the numbers of the lines that they start in.</summary>
    private static IEnumerable<(int Number, string[] Cells)> Records(CsvParser parser)
    {
        while (true)
        {
            var number = parser.RawRow + 1;
            string[] cells;
            try
            {
                if (!parser.Read())
                    yield break;

                cells = parser.Record!;
            }
            catch (BadDataException)
            {
                throw Unreadable($"The quotes of line {number} don't match. A quote inside a quoted cell is doubled.");
            }

            if (!Array.TrueForAll(cells, string.IsNullOrWhiteSpace))
                yield return (number, cells);
        }
    }

    private static RefusedRequestException Unreadable(string why) => new(why, StatusCodes.Status400BadRequest);

    private static RefusedRequestException TooLong(string most) =>
        new($"A file has at most {most}. Import it in parts.", StatusCodes.Status413PayloadTooLarge);

    private static void CheckHeader(List<string> columns)
    {
        if (columns.Find(column => column != Columns.Error && !Columns.All.Contains(column)) is { } unknown)
            throw Unreadable($"The column “{unknown}” is not known. Columns are {string.Join(", ", Columns.All)}.");
        if (columns.Where(column => column != Columns.Error).GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { Key: var repeated })
            throw Unreadable($"The column {repeated} is there more than once.");
        if (!columns.Contains(Columns.ExternalId))
            throw Unreadable($"The column {Columns.ExternalId} is missing. By it the same device is found when the file is imported again.");
    }
}
