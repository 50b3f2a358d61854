using System.Globalization;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Measurements;

/// <summary>A stored reading.</summary>
/// <param name="DeviceId">Device that reported.</param>
/// <param name="Timestamp">Start of the interval that the energy belongs to, with the site's offset.</param>
/// <param name="MeasurementValue">
/// Energy of the interval in kWh with at most six decimals; it is stored in whole milliwatt-hours. Of a register it is the energy until the next reading, and
/// 0 while there is none.
/// </param>
/// <param name="RegisterValue">The register in kWh at the start of the interval; null for a meter that reports the energy of intervals.</param>
/// <param name="IntervalSeconds">
/// Seconds until the next reading of the register; null while there is none, and for a meter that reports the energy of intervals.
/// </param>
public sealed record Measurement(Guid DeviceId, DateTimeOffset Timestamp, decimal MeasurementValue, decimal? RegisterValue, int? IntervalSeconds)
{
    /// <summary>First line of the CSV.</summary>
    internal static readonly string CsvHeader = Csv.Line("device_id", "device_name", "timestamp", "timestamp_utc", "measurement_value_kwh", "register_value_kwh", "interval_seconds");

    internal static Measurement From(StoredReading stored, TimeZoneInfo zone) =>
        new(stored.DeviceId, TimeZoneInfo.ConvertTime(stored.Timestamp, zone), Energy.ToKilowattHours(stored.Energy),
            stored.RegisterValue is { } register ? Energy.ToKilowattHours(register) : null,
            stored.RegisterValue is null ? null : stored.SpreadSeconds);

    internal string ToCsv(DeviceReplica device) => Csv.Line(
        DeviceId.ToString(), Csv.Text(device.Name), Csv.Time(Timestamp), Csv.Utc(Timestamp), MeasurementValue.ToString(CultureInfo.InvariantCulture),
        RegisterValue?.ToString(CultureInfo.InvariantCulture) ?? "", IntervalSeconds?.ToString(CultureInfo.InvariantCulture) ?? "");
}
