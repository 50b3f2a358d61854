using System.Globalization;
using EnergyAspire.Api.Lists;
using EnergyAspire.Data.Imports;
using EnergyAspire.Devices.Devices;

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
    public const string Direction = "direction";
    public const string Tariff = "tariff";
    public const string TariffFrom = "tariff_from";
    public const string Id = "id";
    public const string Username = "username";

    /// <summary>All of them, in the order of the template.</summary>
    public static readonly IReadOnlyList<string> All =
        [ExternalId, Name, Description, MaxConsumption, Price, TimeZone, ReportingIntervalSeconds, RegisterDigits, Direction, Tariff, TariffFrom, Id, Username];
}

/// <summary>A line of an imported file: a device by its external id, and who it is assigned to. An empty cell says nothing.</summary>
internal sealed class ImportLine
{
    private readonly ImportRow _row;

    /// <summary>Reads the cells; what is wrong with them is in <see cref="Errors"/>.</summary>
    public ImportLine(ImportRow row)
    {
        _row = row;
        var externalId = DeviceRules.ReadExternalId(row.Text(Columns.ExternalId));
        ExternalId = externalId.Value.Length > 0 ? externalId.Value : null;
        if (externalId.Error is { } fault)
            row.Refuse(Columns.ExternalId, fault);
        else if (ExternalId is null)
            row.Refuse(Columns.ExternalId, "An external id is needed. By it the same device is found when the file is imported again.");

        Id = row.Read<Guid>(Columns.Id, Guid.TryParse, QueryValues.NoId);
        var from = row.Read<DateOnly>(
            Columns.TariffFrom,
            (string text, out DateOnly date) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date),
            "This is no date, such as 2026-04-01.");
        Tariff = row.Text(Columns.Tariff) is { } name ? new TariffCell(name, from) : null;
        if (Tariff is null && from is not null)
            row.Refuse(Columns.Tariff, "The date is that of a tariff, which is missing.");

        Usernames = [.. (row.Text(Columns.Username) ?? "").Split([' ', '|'], StringSplitOptions.RemoveEmptyEntries)];
        Change = new DeviceChange
        {
            Name = row.Text(Columns.Name),
            Description = row.Text(Columns.Description),
            MaxConsumption = row.Amount(Columns.MaxConsumption),
            TimeZone = row.Text(Columns.TimeZone),
            Direction = row.Text(Columns.Direction),
            ReportingIntervalSeconds = row.Read<int>(Columns.ReportingIntervalSeconds, int.TryParse, "This is no whole number of seconds, such as 600."),
        };
        // Without these tests an empty cell would make the price unknown and the meter one without a register.
        if (row.Amount(Columns.Price) is { } price)
            Change = Change with { Price = price };

        if (row.Read<int>(Columns.RegisterDigits, int.TryParse, "This is no whole number of digits, such as 6.") is { } digits)
            Change = Change with { RegisterDigits = digits };
    }

    /// <summary>Number of the line in the file.</summary>
    public int Number => _row.Number;

    /// <summary>External id; null when it is missing.</summary>
    public string? ExternalId { get; }

    /// <summary>Id of a new device; null for a generated one.</summary>
    public Guid? Id { get; }

    /// <summary>Tariff of the device; null when the line has none.</summary>
    public TariffCell? Tariff { get; }

    /// <summary>Sign-in names of those whom the device is assigned to.</summary>
    public IReadOnlyList<string> Usernames { get; }

    /// <summary>The fields that the line has, as a change of the device.</summary>
    public DeviceChange Change { get; }

    /// <summary>What is wrong with the line by itself.</summary>
    public IReadOnlyList<LineError> Errors => _row.Errors;

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
        Direction = Change.Direction,
    };
}
