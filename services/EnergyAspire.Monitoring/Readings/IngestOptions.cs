using System.ComponentModel.DataAnnotations;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Settings of the ingest of readings; section <c>Ingest</c> of the configuration.</summary>
public sealed class IngestOptions : IValidatableObject
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Ingest";

    /// <summary>Consumers in this process, each with a connection to the broker and one to the database.</summary>
    [Range(1, 16)]
    public int Consumers { get; set; } = 2;

    /// <summary>Most messages in one transaction.</summary>
    [Range(1, 20_000)]
    public int BatchSize { get; set; } = 2000;

    /// <summary>Longest time that a message waits for its batch to fill; up to a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan FlushAfter { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Largest energy of one interval that is accepted, in kWh.</summary>
    [Range(0.001, 1_000_000_000)]
    public double LargestReadingKwh { get; set; } = 10_000;

    /// <summary>How far the time of a reading may be ahead of this service's clock; up to a day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan FutureTolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long raw readings are kept, a day to a hundred years. Older readings are not accepted.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36525.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>
    /// Whether raw readings are deleted that are too old only because <see cref="Retention"/> was shortened. By default they are kept, so that
    /// a mistake in a setting deletes nothing.
    /// </summary>
    public bool AllowShorterRetention { get; set; }

    /// <summary>
    /// IANA zone of timestamps without an offset. Without this setting they are malformed. A local time that occurs twice, because the clock is
    /// set back, means the later instant. A local time that the clock skips is malformed.
    /// </summary>
    public string? AssumeZone { get; set; }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AssumeZone is not (null or "") && FindAssumedZone() is null)
            yield return new ValidationResult($"Ingest:AssumeZone '{AssumeZone}' is no time zone of this machine.", [nameof(AssumeZone)]);
    }

    /// <summary>The zone of timestamps that carry no offset; null when none is assumed.</summary>
    internal TimeZoneInfo? FindAssumedZone() =>
        AssumeZone is not (null or "") && TimeZoneInfo.TryFindSystemTimeZoneById(AssumeZone, out var zone) ? zone : null;

    /// <summary>The oldest UTC day of which raw readings are kept.</summary>
    internal DateOnly OldestDay(DateTimeOffset now) => OldestDay(now, Retention);

    /// <summary>The oldest UTC day of which raw readings are kept with the given retention.</summary>
    internal static DateOnly OldestDay(DateTimeOffset now, TimeSpan retention) => DateOnly.FromDateTime((now - retention).UtcDateTime);
}
