using System.Text.Json;
using System.Text.Json.Serialization;

namespace EnergyAspire.Simulator.Settings;

/// <summary>Reads an entry of <c>devices</c>, which is a UUID or an object.</summary>
internal sealed class DeviceConfigConverter : JsonConverter<DeviceConfig>
{
    public override DeviceConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.TryGetGuid(out var id) ? new DeviceConfig(id) : throw NoDevice();

        if (reader.TokenType != JsonTokenType.StartObject)
            throw NoDevice();

        using var entry = JsonDocument.ParseValue(ref reader);
        return new DeviceConfig(
            entry.RootElement.TryGetProperty("device_id", out var device) && device.ValueKind == JsonValueKind.String && device.TryGetGuid(out var named)
                ? named
                : throw NoDevice(),
            entry.RootElement.TryGetProperty("base_load_kwh", out var load)
                ? load.ValueKind == JsonValueKind.Number ? load.GetDouble() : throw new JsonException("Its base_load_kwh must be a number.")
                : null,
            entry.RootElement.TryGetProperty("time_zone", out var zone) ? zone.ToString() : null);
    }

    public override void Write(Utf8JsonWriter writer, DeviceConfig value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static JsonException NoDevice() => new("A device is a UUID, or an object with device_id and, if it likes, base_load_kwh and time_zone.");
}
