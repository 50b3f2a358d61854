using System.Globalization;

namespace EnergyAspire.Api.Lists;

/// <summary>Parses query parameters. They are bound as text, so that the answer can name the invalid one.</summary>
public static class QueryValues
{
    /// <summary>Error message for a malformed id.</summary>
    public const string NoId = "This is no UUID.";

    /// <summary>Reads an optional id. Returns null when it is absent, or when it is malformed, which is recorded as an error of the field.</summary>
    public static Guid? ReadId(string field, string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (Guid.TryParse(value, out var id))
            return id;

        errors[field] = [NoId];
        return null;
    }

    /// <summary>
    /// Reads an optional time. Returns null when it is absent, or when it is malformed, which is recorded as an error of the field.
    /// </summary>
    public static DateTimeOffset? ReadTime(string field, string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        // An unescaped '+' of an offset arrives as a space.
        if (DateTimeOffset.TryParse(value.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;

        errors[field] = ["This is no time as in RFC 3339, such as 2026-03-29T00:50:00Z."];
        return null;
    }
}
