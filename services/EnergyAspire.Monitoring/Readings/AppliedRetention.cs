namespace EnergyAspire.Monitoring.Readings;

/// <summary>The retention that was applied last, so that a shorter setting is detected. The table has one row.</summary>
public sealed class AppliedRetention
{
    /// <summary>Id of the only row.</summary>
    public const int OnlyId = 1;

    /// <summary>Always <see cref="OnlyId"/>.</summary>
    public required int Id { get; init; }

    /// <summary>How long raw readings are kept.</summary>
    public required TimeSpan Retention { get; set; }
}
