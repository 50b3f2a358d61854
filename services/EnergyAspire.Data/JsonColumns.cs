using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EnergyAspire.Data;

/// <summary>Lists of records that are stored as one JSON value.</summary>
public static class JsonColumns
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Stores a list as <c>jsonb</c>; empty by default. The list is replaced, never changed in place.</summary>
    public static PropertyBuilder<IReadOnlyList<T>> StoredAsJson<T>(this PropertyBuilder<IReadOnlyList<T>> property) => property
        .HasColumnType("jsonb")
        .HasDefaultValueSql("'[]'")
        .HasConversion(
            list => Write(list), json => Read<T>(json),
            new ValueComparer<IReadOnlyList<T>>((one, other) => one!.SequenceEqual(other!), list => list.Count, list => list));

    /// <summary>Writes a list as such a column holds it.</summary>
    public static string Write<T>(IReadOnlyList<T> list) => JsonSerializer.Serialize(list, Options);

    /// <summary>Reads the value of such a column.</summary>
    public static IReadOnlyList<T> Read<T>(string json) => JsonSerializer.Deserialize<List<T>>(json, Options)!;
}
