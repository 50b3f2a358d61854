namespace EnergyAspire.Api.Lists;

/// <summary>Converts search terms of users to patterns for <c>ILIKE</c>.</summary>
public static class SearchPattern
{
    /// <summary>Escape character to pass with the pattern.</summary>
    public const string Escape = "\\";

    /// <summary>Returns the pattern of texts that contain a term; null for an empty term.</summary>
    public static string? Containing(string? term)
    {
        // PostgreSQL can't store U+0000 in a text, so nothing could match it.
        var wanted = term?.Replace("\0", "", StringComparison.Ordinal).Trim().Normalize();

        return string.IsNullOrEmpty(wanted)
            ? null
            : $"%{wanted.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
    }
}
