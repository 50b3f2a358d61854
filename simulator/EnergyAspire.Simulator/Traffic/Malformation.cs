using System.Text.Json;
using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>Ways in which a message isn't a reading.</summary>
internal enum Malformation
{
    /// <summary>Half of a reading, which is no JSON.</summary>
    Truncated,

    /// <summary>The value is a string.</summary>
    ValueInQuotes,

    /// <summary>The value is null.</summary>
    NoValue,

    /// <summary>Nobody knows which zone the time is of.</summary>
    TimeWithoutOffset,

    /// <summary>The device's id is no UUID.</summary>
    NoUuid,

    /// <summary>There is no object.</summary>
    NoObject,
}

internal static class Malformations
{
    /// <summary>Writes a reading so that it isn't one; <see cref="Malformation.Truncated"/> whole, for who cuts it.</summary>
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
