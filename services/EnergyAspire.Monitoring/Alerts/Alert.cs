namespace EnergyAspire.Monitoring.Alerts;

/// <summary>
/// Records that an hour of a device exceeded the device's limit, or will at the present rate. There is at most one of each kind for a device and
/// hour.
/// </summary>
public sealed class Alert
{
    /// <summary>Identifies the alert; grows with the time it was raised.</summary>
    public required Guid Id { get; init; }

    /// <summary>Device that consumed.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Instant at which the local clock hour starts, in UTC.</summary>
    public required DateTimeOffset HourStart { get; init; }

    /// <summary>One of <see cref="AlertKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Milliwatt-hours that were counted in the hour when the alert was raised.</summary>
    public required long Energy { get; init; }

    /// <summary>Milliwatt-hours projected for the whole hour; equals <see cref="Energy"/> when the limit is already exceeded.</summary>
    public required long Projected { get; init; }

    /// <summary>The device's limit at that time in milliwatt-hours for a clock hour.</summary>
    public required long LimitEnergy { get; init; }

    /// <summary>When it was raised.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>
    /// Whether its readings arrived long after the hour's end, for example because the meter had buffered them.
    /// </summary>
    public required bool IsLate { get; init; }

    /// <summary>When it was acknowledged; null before.</summary>
    public DateTimeOffset? AcknowledgedAt { get; set; }

    /// <summary>Account that acknowledged it; null before.</summary>
    public Guid? AcknowledgedBy { get; set; }
}

/// <summary>Kinds of alerts. The names are stored and are part of the API.</summary>
public static class AlertKind
{
    /// <summary>The hour exceeded the limit.</summary>
    public const string Exceeded = "exceeded";

    /// <summary>The running hour will exceed the limit at the present rate.</summary>
    public const string Projected = "projected";
}
