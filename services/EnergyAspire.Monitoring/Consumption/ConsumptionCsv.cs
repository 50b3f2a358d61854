using System.Globalization;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Writes consumption as CSV: a line for each device and period, with the unit in the header. Values without readings are empty.</summary>
internal static class ConsumptionCsv
{
    /// <summary>Description of the columns for the API's documentation.</summary>
    public const string Columns =
        "`device_id`, `device_name`, `time_zone`, then `date`, `hour`, `start`, `start_utc` by hour, `date` by day or `month` by month, then `total_consumption_kwh`, `measurement_count`, `expected_count`, `cost`, by day and month `base_cost`, `currency` (empty for the installation's), `direction`";

    private static readonly string[] Device = ["device_id", "device_name", "time_zone"];
    private static readonly string[] Sums = ["total_consumption_kwh", "measurement_count", "expected_count", "cost"];

    /// <summary>Returns the lines, the header first.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<DeviceConsumption> devices, Granularity granularity)
    {
        string[] period = granularity switch
        {
            Granularity.Hour => ["date", "hour", "start", "start_utc"],
            Granularity.Day => ["date"],
            _ => ["month"],
        };

        return devices
            .SelectMany(device => device.Periods.Select(consumed => Csv.Line(
            [
                device.Device.Id.ToString(), Csv.Text(device.Device.Name), device.Device.TimeZone,
                .. PeriodFields(consumed.Period, device),
                !consumed.IsMeasured ? "" : Energy.ToKilowattHours(consumed.Energy).ToString(CultureInfo.InvariantCulture),
                consumed.ReadingCount.ToString(CultureInfo.InvariantCulture), consumed.ExpectedCount.ToString(CultureInfo.InvariantCulture),
                Cost(consumed.Cost), .. granularity == Granularity.Hour ? (string[])[] : [Cost(consumed.BaseCost)], device.Currency ?? "", device.Device.Direction ?? EnergyDirection.Consumption,
            ])))
            .Prepend(Csv.Line([.. Device, .. period, .. Sums, .. granularity == Granularity.Hour ? (string[])[] : ["base_cost"], "currency", "direction"]));
    }

    private static string Cost(decimal? cost) => cost?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string[] PeriodFields(SitePeriod period, DeviceConsumption device)
    {
        var start = TimeZoneInfo.ConvertTime(period.Start, device.Zone);
        var date = period.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        return device.Granularity switch
        {
            Granularity.Hour => [date, start.Hour.ToString(CultureInfo.InvariantCulture), Csv.Time(start), Csv.Utc(start)],
            Granularity.Day => [date],
            _ => [period.Date.ToString("yyyy-MM", CultureInfo.InvariantCulture)],
        };
    }
}
