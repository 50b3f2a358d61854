using System.ComponentModel.DataAnnotations;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>How readings are taken in; section <c>Ingest</c> of the configuration.</summary>
public sealed class IngestOptions
{
    /// <summary>Consumers in this process, each with a connection to the broker and one to the database.</summary>
    [Range(1, 16)]
    public int Consumers { get; set; } = 2;

    /// <summary>Most messages in one transaction.</summary>
    [Range(1, 20_000)]
    public int BatchSize { get; set; } = 2000;

    /// <summary>Longest time that a message waits for its batch to fill.</summary>
    public TimeSpan FlushAfter { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Largest energy of one interval that is believed, in kWh.</summary>
    [Range(0.001, 1_000_000_000)]
    public double LargestReadingKwh { get; set; } = 10_000;

    /// <summary>How far ahead of this service's clock a meter's clock may be.</summary>
    public TimeSpan FutureTolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long raw readings are kept; older ones are not accepted.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>The oldest UTC day of which raw readings are kept.</summary>
    internal DateOnly OldestDay(DateTimeOffset now) => DateOnly.FromDateTime((now - Retention).UtcDateTime);
}
