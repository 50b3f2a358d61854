using System.Globalization;
using EnergyAspire.Monitoring.Queries;

namespace EnergyAspire.Monitoring.Statements;

/// <summary>Writes statements as CSV.</summary>
internal static class StatementCsv
{
    /// <summary>Description of the columns for the API's documentation.</summary>
    public const string Columns =
        "`month`, `device_id`, `device_name`, `time_zone`, `direction`, `line`, `tariff` (empty for the device's own price), `start_date`, `end_date`, `from_hour`, `until_hour`, `weekdays`, `months` (of the time of use; several numbers are separated by spaces), `unit_price`, `consumption_kwh`, `price_per_day`, `price_per_month`, `days`, `cost`, `currency` (empty for the installation's), `measurement_count`, `expected_count`, `meter_id`, `start_timestamp`, `start_register_kwh`, `end_timestamp`, `end_register_kwh`. `line` is `energy` for energy with the same price, `base_price` for base prices, `meter` for a meter's registers, or `readings` for the number of readings, once for each device. A line leaves the columns of the others empty, so that nothing is in two lines";

    private static readonly string[] Names =
    [
        "month", "device_id", "device_name", "time_zone", "direction", "line", "tariff", "start_date", "end_date", "from_hour", "until_hour", "weekdays", "months", "unit_price",
        "consumption_kwh", "price_per_day", "price_per_month", "days", "cost", "currency", "measurement_count", "expected_count", "meter_id", "start_timestamp",
        "start_register_kwh", "end_timestamp", "end_register_kwh",
    ];

    /// <summary>Returns the lines, the header first.</summary>
    public static IEnumerable<string> Lines(IEnumerable<DeviceStatement> devices) =>
        devices.SelectMany(device => LinesOf(StatementOfDevice.From(device), device.Consumption.First)).Prepend(Csv.Line(Names));

    private static IEnumerable<string> LinesOf(StatementOfDevice device, DateOnly month)
    {
        foreach (var line in device.Lines)
        {
            var time = line.TimeOfUse;
            yield return Line("energy", new()
            {
                ["tariff"] = Csv.Text(line.Tariff ?? ""),
                ["start_date"] = Date(line.StartDate),
                ["end_date"] = Date(line.EndDate),
                ["from_hour"] = Text(time?.FromHour),
                ["until_hour"] = Text(time?.UntilHour),
                ["weekdays"] = List(time?.Weekdays),
                ["months"] = List(time?.Months),
                ["unit_price"] = Text(line.UnitPrice),
                ["consumption_kwh"] = Text(line.Consumption),
                ["cost"] = Text(line.Cost),
            });
        }

        foreach (var line in device.BasePrices)
        {
            yield return Line("base_price", new()
            {
                ["tariff"] = Csv.Text(line.Tariff),
                ["start_date"] = Date(line.StartDate),
                ["end_date"] = Date(line.EndDate),
                ["price_per_day"] = Text(line.PricePerDay),
                ["price_per_month"] = Text(line.PricePerMonth),
                ["days"] = Text(line.Days),
                ["cost"] = Text(line.Cost),
            });
        }

        foreach (var meter in device.MeterReadings ?? [])
        {
            yield return Line("meter", new()
            {
                ["meter_id"] = meter.MeterId.ToString(),
                ["start_timestamp"] = Time(meter.Start),
                ["start_register_kwh"] = Text(meter.Start?.RegisterValue),
                ["end_timestamp"] = Time(meter.End),
                ["end_register_kwh"] = Text(meter.End?.RegisterValue),
            });
        }

        yield return Line("readings", new()
        {
            ["start_date"] = Date(device.StartDate),
            ["end_date"] = Date(device.EndDate),
            ["measurement_count"] = Text(device.MeasurementCount),
            ["expected_count"] = Text(device.ExpectedCount),
        });

        string Line(string kind, Dictionary<string, string> fields)
        {
            fields["month"] = month.ToString("yyyy-MM", CultureInfo.InvariantCulture);
            fields["device_id"] = device.DeviceId.ToString();
            fields["device_name"] = Csv.Text(device.Name);
            fields["time_zone"] = device.TimeZone;
            fields["direction"] = device.Direction;
            fields["line"] = kind;
            if (fields.ContainsKey("cost"))
                fields["currency"] = device.Currency ?? "";

            return Csv.Line(Names.Select(name => fields.GetValueOrDefault(name, "")));
        }
    }

    private static string Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    private static string Time(MeterReading? reading) => reading is null ? "" : Csv.Time(reading.Timestamp);

    private static string List(IReadOnlyList<int>? numbers) => string.Join(' ', numbers ?? []);

    private static string Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
