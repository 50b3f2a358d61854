namespace EnergyAspire.Monitoring.Hours;

/// <summary>
/// Consumption of a device in one clock hour of its site: the sum of exactly the shares that the raw readings have in that hour. A row exists only
/// where a reading has a share.
/// </summary>
public sealed class HourlyConsumption
{
    /// <summary>Device that consumed.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Instant at which the local clock hour starts, in UTC.</summary>
    public required DateTimeOffset HourStart { get; init; }

    /// <summary>Milliwatt-hours.</summary>
    public required long Energy { get; init; }

    /// <summary>How many readings start in it. So each reading is counted in one hour.</summary>
    public required int ReadingCount { get; init; }

    /// <summary>How many readings start in an earlier hour and have a share in this one too.</summary>
    public int SpreadCount { get; init; }
}
