using System.Globalization;
using System.Text;
using EnergyAspire.Import.Old;

namespace EnergyAspire.Import.Readings;

/// <summary>Turns a measurement of the replaced system into the message that a meter would send.</summary>
internal static class OldMessage
{
    /// <summary>Returns the message. The number has the digits that the meter sent, because they are the shortest ones of that floating-point number.</summary>
    public static byte[] Of(OldMeasurement measurement) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"timestamp": "{{measurement.Timestamp.UtcDateTime:yyyy-MM-ddTHH:mm:ss.FFFFFFZ}}", "device_id": "{{measurement.DeviceId}}", "measurement_value": {{measurement.Value:R}}}"""));
}
