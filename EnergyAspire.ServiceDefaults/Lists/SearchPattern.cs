namespace EnergyAspire.ServiceDefaults.Lists;

/// <summary>Turns what people type into a search box into a pattern for <c>ILIKE</c>.</summary>
public static class SearchPattern
{
    /// <summary>Escape character to pass with the pattern.</summary>
    public const string Escape = "\\";

    /// <summary>Pattern of texts that contain a term; null when there is nothing to search for.</summary>
    public static string? Containing(string? term)
    {
        // PostgreSQL can't store U+0000 in a text, so nothing could match it.
        var wanted = term?.Replace("\0", "", StringComparison.Ordinal).Trim().Normalize();

        return string.IsNullOrEmpty(wanted)
            ? null
            : $"%{wanted.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
    }
}
