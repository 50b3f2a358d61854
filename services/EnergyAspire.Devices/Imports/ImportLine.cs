using System.Globalization;
using EnergyAspire.Api.Http;
using EnergyAspire.Api.Lists;
using EnergyAspire.Devices.Devices;

namespace EnergyAspire.Devices.Imports;

/// <summary>A line of an imported file: a device by its external id, and who it is assigned to. An empty cell says nothing.</summary>
internal sealed class ImportLine
{
    private readonly List<LineError> _errors = [];
    private readonly Dictionary<string, string> _cells;

    /// <summary>Reads the cells; what is wrong with them is in <see cref="Errors"/>.</summary>
    /// <param name="number">Number of the line in the file.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="cells">Cells as in the file.</param>
    /// <param name="hasDecimalComma">Whether numbers may be written with a comma, as spreadsheets of many languages do.</param>
    public ImportLine(int number, IReadOnlyList<string> columns, IReadOnlyList<string> cells, bool hasDecimalComma)
    {
        Number = number;
        if (cells.Count != columns.Count)
            _errors.Add(new LineError(Column: null, $"The line has {cells.Count} cells, but the header has {columns.Count}."));

        _cells = columns.Zip(cells, (column, cell) => (column, Cell: cell.Trim())).Where(pair => pair.Cell.Length > 0 && pair.column != Columns.Error)
            .ToDictionary(pair => pair.column, pair => pair.Cell, StringComparer.Ordinal);
        foreach (var (column, _) in _cells.Where(cell => ControlCharacters.AreIn(cell.Value)).ToList())
        {
            Refuse(column, ControlCharacters.Refusal);
            _cells.Remove(column);
        }

        var externalId = DeviceRules.ReadExternalId(Text(Columns.ExternalId));
        ExternalId = externalId.Value.Length > 0 ? externalId.Value : null;
        if (externalId.Error is { } fault)
            Refuse(Columns.ExternalId, fault);
        else if (ExternalId is null)
            Refuse(Columns.ExternalId, "An external id is needed. By it the same device is found when the file is imported again.");

        Id = Read<Guid>(Columns.Id, Guid.TryParse, QueryValues.NoId);
        Usernames = [.. (Text(Columns.Username) ?? "").Split([' ', '|'], StringSplitOptions.RemoveEmptyEntries)];
        Change = new DeviceChange
        {
            Name = Text(Columns.Name),
            Description = Text(Columns.Description),
            MaxConsumption = Amount(Columns.MaxConsumption),
            TimeZone = Text(Columns.TimeZone),
            ReportingIntervalSeconds = Read<int>(Columns.ReportingIntervalSeconds, int.TryParse, "This is no whole number of seconds, such as 600."),
        };
        // Without these tests an empty cell would make the price unknown and the meter one without a register.
        if (Amount(Columns.Price) is { } price)
            Change = Change with { Price = price };

        if (Read<int>(Columns.RegisterDigits, int.TryParse, "This is no whole number of digits, such as 6.") is { } digits)
            Change = Change with { RegisterDigits = digits };

        decimal? Amount(string column) => Read<decimal>(
            column,
            (string text, out decimal value) => decimal.TryParse(
                hasDecimalComma && !text.Contains('.', StringComparison.Ordinal) ? text.Replace(',', '.') : text,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value),
            hasDecimalComma ? "This is no number, such as 2.5 or 2,5." : "This is no number, such as 2.5.");
    }

    private delegate bool Reader<TValue>(string text, out TValue value);

    /// <summary>Number of the line in the file.</summary>
    public int Number { get; }

    /// <summary>External id; null when it is missing.</summary>
    public string? ExternalId { get; }

    /// <summary>Id of a new device; null for a generated one.</summary>
    public Guid? Id { get; }

    /// <summary>Sign-in names of those whom the device is assigned to.</summary>
    public IReadOnlyList<string> Usernames { get; }

    /// <summary>The fields that the line has, as a change of the device.</summary>
    public DeviceChange Change { get; }

    /// <summary>What is wrong with the line by itself.</summary>
    public IReadOnlyList<LineError> Errors => _errors;

    /// <summary>The device that the line registers.</summary>
    public NewDevice ToNewDevice() => new()
    {
        Id = Id,
        ExternalId = ExternalId,
        Name = Change.Name,
        Description = Change.Description,
        MaxConsumption = Change.MaxConsumption,
        Price = Change.Price,
        TimeZone = Change.TimeZone,
        ReportingIntervalSeconds = Change.ReportingIntervalSeconds,
        RegisterDigits = Change.RegisterDigits,
    };

    private string? Text(string column) => _cells.GetValueOrDefault(column);

    private TValue? Read<TValue>(string column, Reader<TValue> read, string fault)
        where TValue : struct
    {
        if (Text(column) is not { } text)
            return null;
        if (read(text, out var value))
            return value;

        Refuse(column, fault);
        return null;
    }

    private void Refuse(string column, string message) => _errors.Add(new LineError(column, message));
}
