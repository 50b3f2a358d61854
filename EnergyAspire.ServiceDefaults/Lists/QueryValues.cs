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
}
