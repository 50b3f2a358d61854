namespace EnergyAspire.Monitoring.Alerts;

/// <summary>Says that an hour of a device passed the device's limit, or will if it goes on; one of each kind for a device and hour, ever.</summary>
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

    /// <summary>Milliwatt-hours that the whole hour would come to; equals <see cref="Energy"/> when the limit is already passed.</summary>
    public required long Projected { get; init; }

    /// <summary>The device's limit at that time in milliwatt-hours for a clock hour.</summary>
    public required long LimitEnergy { get; init; }

    /// <summary>When it was raised.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>
    /// Whether the hour was long over when its readings came, as when a meter sends what it kept: then it tells of the past and not of now.
    /// </summary>
    public required bool IsLate { get; init; }

    /// <summary>When somebody who may see the device took note; null before.</summary>
    public DateTimeOffset? AcknowledgedAt { get; set; }

    /// <summary>Account that took note; null before.</summary>
    public Guid? AcknowledgedBy { get; set; }
}

/// <summary>What an alert says; the names are stored and shown.</summary>
public static class AlertKind
{
    /// <summary>The hour passed the limit.</summary>
    public const string Exceeded = "exceeded";

    /// <summary>The running hour will pass the limit if it goes on as so far.</summary>
    public const string Projected = "projected";
}
