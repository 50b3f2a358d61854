using System.Globalization;

namespace EnergyAspire.ServiceDefaults.Lists;

/// <summary>Reads what stands in the query. Parameters are bound as text, so that a wrong one can be named in the answer.</summary>
public static class QueryValues
{
    /// <summary>What is wrong with a malformed id.</summary>
    public const string NoId = "This is no UUID.";

    /// <summary>Reads an optional id; null without one, and an error by field when it can't be read.</summary>
    public static Guid? ReadId(string field, string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (Guid.TryParse(value, out var id))
            return id;

        errors[field] = [NoId];
        return null;
    }

    /// <summary>Reads an optional time; null without one, and an error by field when it can't be read.</summary>
    public static DateTimeOffset? ReadTime(string field, string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        // A '+' of an offset that was not escaped arrives as a space.
        if (DateTimeOffset.TryParse(value.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;

        errors[field] = ["This is no time as in RFC 3339, such as 2026-03-29T00:50:00Z."];
        return null;
    }
}
