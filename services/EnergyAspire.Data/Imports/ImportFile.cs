using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using EnergyAspire.Api.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Data.Imports;

/// <summary>A CSV file: UTF-8 with or without byte order mark, separated by commas, semicolons or tabs, with quotes as in RFC 4180.</summary>
public sealed class ImportFile
{
    /// <summary>Media type of the file.</summary>
    public const string MediaType = "text/csv";

    /// <summary>Column that is ignored, so that a file of failed lines with their errors can be corrected and imported.</summary>
    public const string Error = "error";

    private const int MostLines = 5000;
    private const int MostBytes = 4 * 1024 * 1024;

    private static readonly char[] Separators = [',', ';', '\t'];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<ImportRow> _rows = [];
    private List<string> _columns = [];

    private ImportFile()
    {
    }

    /// <summary>The lines below the header. Empty ones are left out.</summary>
    public IReadOnlyList<ImportRow> Rows => _rows;

    /// <summary>Returns a file with its header and examples. The byte order mark tells spreadsheets that it is UTF-8.</summary>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="examples">Lines without quotes.</param>
    public static byte[] Template(IEnumerable<string> columns, params IEnumerable<string> examples) =>
        [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(string.Concat(examples.Prepend(string.Join(',', columns)).Select(line => $"{line}\r\n")))];

    /// <summary>Reads the file in the body of a request.</summary>
    /// <param name="request">Request whose body is <c>text/csv</c>.</param>
    /// <param name="known">Columns that have a meaning. The header may have them in any order, and <see cref="Error"/>.</param>
    /// <param name="nameOf">Maps other names of columns to known ones, and to <see cref="Error"/> those that are ignored; null for none.</param>
    /// <exception cref="RefusedRequestException">It isn't such a file, it is too long, or a column is unknown or repeated.</exception>
    public static async Task<ImportFile> ReadAsync(HttpRequest request, IReadOnlyList<string> known, Func<string, string>? nameOf, CancellationToken cancel)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)
            || type.Charset.Value is not (null or "utf-8"))
            throw new RefusedRequestException("The body must be text/csv in UTF-8.", StatusCodes.Status415UnsupportedMediaType);

        var text = await ReadTextAsync(request.Body, cancel);
        var header = text.TrimStart('\r', '\n').Split('\r', '\n')[0];
        var separator = Separators.MaxBy(one => header.Count(one.Equals));
        using var parser = new CsvParser(
            new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = $"{separator}", IgnoreBlankLines = false });
        var file = new ImportFile();
        foreach (var (number, cells) in Records(parser))
        {
            if (file._columns is [])
                file._columns = CheckedHeader([.. cells.Select(cell => nameOf is null ? cell.Trim() : nameOf(cell.Trim()))], known);
            else if (file._rows.Count == MostLines)
                throw TooLong($"{MostLines} lines");
            else
                file._rows.Add(new ImportRow(number, file._columns, cells, hasDecimalComma: separator != ','));
        }

        return file._columns is [] ? throw Unreadable("The file is empty. Its first line names the columns.") : file;
    }

    /// <summary>Refuses a file that has none of these columns.</summary>
    /// <param name="columns">Names of columns; one is enough.</param>
    /// <param name="why">What the column is for, as a sentence.</param>
    /// <exception cref="RefusedRequestException">The file has none of them.</exception>
    public void Require(IReadOnlyList<string> columns, string why)
    {
        if (!columns.Any(_columns.Contains))
            throw Unreadable($"The column {string.Join(" or ", columns)} is missing. {why}");
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

    private static List<string> CheckedHeader(List<string> columns, IReadOnlyList<string> known)
    {
        if (columns.Find(column => column != Error && !known.Contains(column)) is { } unknown)
            throw Unreadable($"The column “{unknown}” is not known. Columns are {string.Join(", ", known)}.");
        if (columns.Where(column => column != Error).GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { Key: var repeated })
            throw Unreadable($"The column {repeated} is there more than once.");

        return columns;
    }

    private static RefusedRequestException Unreadable(string why) => new(why, StatusCodes.Status400BadRequest);

    private static RefusedRequestException TooLong(string most) =>
        new($"A file has at most {most}. Import it in parts.", StatusCodes.Status413PayloadTooLarge);
}
