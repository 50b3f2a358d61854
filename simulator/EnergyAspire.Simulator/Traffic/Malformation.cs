using System.Text.Json;
using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>Kinds of malformed readings.</summary>
internal enum Malformation
{
    /// <summary>A truncated reading, which isn't JSON.</summary>
    Truncated,

    /// <summary>The value is a string with a unit, which isn't a number.</summary>
    ValueInQuotes,

    /// <summary>The value is null.</summary>
    NoValue,

    /// <summary>The timestamp has no offset.</summary>
    TimeWithoutOffset,

    /// <summary>The device id isn't a UUID.</summary>
    NoUuid,

    /// <summary>The JSON isn't an object.</summary>
    NoObject,
}

internal static class Malformations
{
    /// <summary>Writes a malformed reading. For <see cref="Malformation.Truncated"/> it writes a valid one, which the caller truncates.</summary>
    public static void Write(this Malformation malformation, Utf8JsonWriter json, MeterReading reading)
    {
        if (malformation == Malformation.Truncated)
        {
            reading.WriteTo(json);
            return;
        }

        if (malformation == Malformation.NoObject)
        {
            json.WriteStringValue($"{reading.DeviceId} {reading.Energy} mWh");
            return;
        }

        json.WriteStartObject();
        json.WriteString(
            "timestamp", reading.Timestamp.UtcDateTime.ToString(malformation == Malformation.TimeWithoutOffset ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-ddTHH:mm:ssZ"));
        json.WriteString("device_id", malformation == Malformation.NoUuid ? $"meter-{reading.DeviceId:N}" : reading.DeviceId.ToString());
        if (malformation == Malformation.ValueInQuotes)
            json.WriteString("measurement_value", $"{reading.Energy} mWh");
        else if (malformation == Malformation.NoValue)
            json.WriteNull("measurement_value");
        else
            json.WriteNumber("measurement_value", reading.Energy / MeterReading.MilliwattHoursPerKilowattHour);
        json.WriteEndObject();
    }
}
