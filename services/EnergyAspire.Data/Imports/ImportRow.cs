using System.Globalization;
using EnergyAspire.Api.Http;

namespace EnergyAspire.Data.Imports;

/// <summary>What is wrong with a line of an import.</summary>
/// <param name="Column">Column that it is about; null for the line as a whole.</param>
/// <param name="Message">What is wrong, as a sentence.</param>
public sealed record LineError(string? Column, string Message);

/// <summary>Reads a value from the text of a cell; returns false when the text is none.</summary>
public delegate bool CellReader<TValue>(string text, out TValue value);

/// <summary>A line of an imported file. An empty cell is the same as a missing one.</summary>
public sealed class ImportRow
{
    private readonly List<LineError> _errors = [];
    private readonly Dictionary<string, string> _cells;
    private readonly bool _hasDecimalComma;

    /// <summary>Reads the cells; what is wrong with them is in <see cref="Errors"/>.</summary>
    /// <param name="number">Number of the line in the file.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="cells">Cells as in the file.</param>
    /// <param name="hasDecimalComma">Whether numbers may be written with a comma, as spreadsheets of many languages do.</param>
    internal ImportRow(int number, IReadOnlyList<string> columns, IReadOnlyList<string> cells, bool hasDecimalComma)
    {
        (Number, _hasDecimalComma) = (number, hasDecimalComma);
        if (cells.Count != columns.Count)
            Refuse(column: null, $"The line has {cells.Count} cells, but the header has {columns.Count}.");

        _cells = columns.Zip(cells, (column, cell) => (column, Cell: cell.Trim())).Where(pair => pair.Cell.Length > 0 && pair.column != ImportFile.Error)
            .ToDictionary(pair => pair.column, pair => pair.Cell, StringComparer.Ordinal);
        foreach (var (column, _) in _cells.Where(cell => ControlCharacters.AreIn(cell.Value)).ToList())
        {
            Refuse(column, ControlCharacters.Refusal);
            _cells.Remove(column);
        }
    }

    /// <summary>Number of the line in the file that it starts in, from 1; the header is the first.</summary>
    public int Number { get; }

    /// <summary>What is wrong with the line by itself.</summary>
    public IReadOnlyList<LineError> Errors => _errors;

    /// <summary>Returns the text of a cell without space around it; null when it is empty.</summary>
    public string? Text(string column) => _cells.GetValueOrDefault(column);

    /// <summary>Reads a cell. Returns null when it is empty, or when it isn't such a value, which is recorded as an error.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="read">Reads the value.</param>
    /// <param name="fault">Error when it is none.</param>
    public TValue? Read<TValue>(string column, CellReader<TValue> read, string fault)
        where TValue : struct
    {
        if (Text(column) is not { } text)
            return null;
        if (read(text, out var value))
            return value;

        Refuse(column, fault);
        return null;
    }

    /// <summary>Reads a number, like <see cref="Read"/>. It may have a decimal comma unless commas separate the cells.</summary>
    public decimal? Amount(string column) => Read<decimal>(
        column,
        (string text, out decimal value) => decimal.TryParse(
            _hasDecimalComma && !text.Contains('.', StringComparison.Ordinal) ? text.Replace(',', '.') : text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value),
        _hasDecimalComma ? "This is no number, such as 2.5 or 2,5." : "This is no number, such as 2.5.");

    /// <summary>Records an error.</summary>
    /// <param name="column">Column that it is about; null for the line as a whole.</param>
    /// <param name="message">What is wrong, as a sentence.</param>
    public void Refuse(string? column, string message) => _errors.Add(new LineError(column, message));
}
