namespace EnergyAspire.Data.Replicas;

/// <summary>Special rules of a replica table.</summary>
[Flags]
public enum ReplicaRules
{
    /// <summary>No special rules.</summary>
    None = 0,

    /// <summary>
    /// A tombstone keeps the values. A deletion event carries no values and raises only the row's version; the column <c>state_version</c> holds the
    /// version that the values are from. Newer values are still applied after a deletion, so the row ends with the last values in any order of
    /// events.
    /// </summary>
    KeepsValues = 1,

    /// <summary>A deleted row stays deleted, even when a state with a higher version arrives.</summary>
    IsFinal = 2,

    /// <summary>
    /// Saga steps write to this table before the source changes, so a row may be newer than the source. Without this rule, a newer row means that it
    /// was tampered with or that one of the databases was restored from a backup. A rebuild then applies the source's state.
    /// </summary>
    MayBeAhead = 4,

    /// <summary>The source always has some rows. An empty list is an error of the source, and no held row is deleted.</summary>
    HasSome = 8,
}
