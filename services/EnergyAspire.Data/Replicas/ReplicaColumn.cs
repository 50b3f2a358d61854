namespace EnergyAspire.Data.Replicas;

/// <summary>A column of a replica table.</summary>
/// <typeparam name="TRow">Type that the values are read from.</typeparam>
/// <param name="Name">Name of the column.</param>
/// <param name="Values">Reads the column's values of some rows, as an array for PostgreSQL's <c>unnest</c>.</param>
/// <param name="Tombstone">SQL for the value in a tombstone.</param>
/// <param name="Merged">SQL for the value after an update, over the old row <c>held</c> and the new row <c>excluded</c>.</param>
/// <param name="Type">Type of the column when its values are passed as texts; null when they are passed as what they are.</param>
public sealed record ReplicaColumn<TRow>(string Name, Func<IEnumerable<TRow>, Array> Values, string Tombstone, string Merged, string? Type)
{
    /// <summary>SQL for a passed value.</summary>
    public string Passed => Type is null ? Name : $"{Name}::{Type}";
}
