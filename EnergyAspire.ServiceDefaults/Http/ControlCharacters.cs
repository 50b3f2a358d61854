using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EnergyAspire.ServiceDefaults.Http;

/// <summary>
/// Control characters, which no text of a request may hold but tabs and line breaks: PostgreSQL can't store U+0000, and the others do
/// something to terminals and logs.
/// </summary>
public static class ControlCharacters
{
    /// <summary>What is wrong with a text that holds one.</summary>
    public const string Refusal = "This holds a control character, such as U+0000.";

    /// <summary>Whether a text holds one.</summary>
    public static bool AreIn(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character) && character is not ('\t' or '\r' or '\n'))
                return true;
        }

        return false;
    }
}

/// <summary>Refuses control characters in every text of a JSON body; a converter would too, but the OpenAPI document couldn't tell what it reads.</summary>
internal static class ReadableTexts
{
    /// <summary>Modifies how the serializer reads a type.</summary>
    public static void Require(JsonTypeInfo type)
    {
        var texts = type.Properties.Where(property => property.Get is not null && typeof(IEnumerable<string>).IsAssignableFrom(property.PropertyType)).ToList();
        var text = type.Properties.Where(property => property.Get is not null && property.PropertyType == typeof(string)).ToList();
        if (type.Kind != JsonTypeInfoKind.Object || texts.Count + text.Count == 0)
            return;

        var before = type.OnDeserialized;
        type.OnDeserialized = read =>
        {
            before?.Invoke(read);
            var wrong = text.Find(property => ControlCharacters.AreIn((string?)property.Get!(read)))
                ?? texts.Find(property => ((IEnumerable<string>?)property.Get!(read))?.Any(one => ControlCharacters.AreIn(one)) == true);
            if (wrong is not null)
                throw new UnreadableTextException(wrong.Name);
        };
    }
}

/// <summary>A text of a JSON body holds a control character.</summary>
internal sealed class UnreadableTextException(string field)
    : JsonException(ControlCharacters.Refusal, path: $"$.{field}", lineNumber: null, bytePositionInLine: null);
