namespace EnergyAspire.Data;

/// <summary>
/// Marks a migration that removes or changes something in the database. During an update the services of the previous release run with the new schema.
/// So the release whose services still used it must be older than the previous one.
/// </summary>
/// <param name="lastUsedBy">Version of the last release whose services used what the migration removes, such as <c>0.2.0</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ContractionAttribute(string lastUsedBy) : Attribute
{
    /// <summary>Version of the last release whose services used what the migration removes.</summary>
    public string LastUsedBy { get; } = lastUsedBy;
}
