using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EnergyAspire.Api.Http;

/// <summary>
/// Detects control characters. Texts of requests may hold none except tabs and line breaks: PostgreSQL can't store U+0000, and others are interpreted
/// by terminals and log viewers.
/// </summary>
public static class ControlCharacters
{
    /// <summary>Error message for a text with a control character.</summary>
    public const string Refusal = "This holds a control character, such as U+0000.";

    /// <summary>Whether a text holds a forbidden control character.</summary>
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

/// <summary>
/// Rejects control characters in every text of a JSON body. It is a type modifier instead of a converter, because a converter would hide the string
/// type from the OpenAPI document.
/// </summary>
internal static class ReadableTexts
{
    /// <summary>Adds the check to the text properties of a type.</summary>
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

/// <summary>Thrown when a text of a JSON body holds a control character.</summary>
internal sealed class UnreadableTextException(string field)
    : JsonException(ControlCharacters.Refusal, path: $"$.{field}", lineNumber: null, bytePositionInLine: null);
