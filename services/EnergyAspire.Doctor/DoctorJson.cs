using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EnergyAspire.Doctor.Bundle;

namespace EnergyAspire.Doctor;

/// <summary>JSON of the doctor: names in snake_case, as in the API. No text in it contains a secret of the settings.</summary>
internal sealed class DoctorJson(Scrubber scrubber)
{
    private readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        // It is for files and terminals, not for HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new ScrubbedText(scrubber) },
    };

    /// <summary>Writes a value.</summary>
    public string Write<T>(T value) => JsonSerializer.Serialize(value, _options);

    // Texts are scrubbed before they are escaped, so that a secret is found however it would be escaped.
    private sealed class ScrubbedText(Scrubber scrubber) : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(scrubber.Scrub(value));

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WritePropertyName(scrubber.Scrub(value));
    }
}
