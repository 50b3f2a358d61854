using System.Buffers;
using System.Text.Json;

namespace EnergyAspire.Simulator.Readings;

/// <summary>What a meter reports of one interval.</summary>
/// <param name="DeviceId">Meter.</param>
/// <param name="Timestamp">Start of the interval, in whole seconds UTC.</param>
/// <param name="Energy">Energy of the interval in milliwatt-hours.</param>
public readonly record struct MeterReading(Guid DeviceId, DateTimeOffset Timestamp, long Energy)
{
    internal const decimal MilliwattHoursPerKilowattHour = 1_000_000;

    /// <summary>Writes the message of the wire contract.</summary>
    public ReadOnlyMemory<byte> ToMessage()
    {
        var buffer = new ArrayBufferWriter<byte>(initialCapacity: 160);
        using var json = new Utf8JsonWriter(buffer);
        WriteTo(json);
        json.Flush();

        return buffer.WrittenMemory;
    }

    /// <summary>Writes the object of the wire contract.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("timestamp", Timestamp.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ"));
        json.WriteString("device_id", DeviceId);
        json.WriteNumber("measurement_value", Energy / MilliwattHoursPerKilowattHour);
        json.WriteEndObject();
    }
}
