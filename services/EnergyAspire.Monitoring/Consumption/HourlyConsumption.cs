namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Consumption of a device in one clock hour of its site: the sum of exactly the raw readings of that hour.</summary>
public sealed class HourlyConsumption
{
    /// <summary>Device that consumed.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Instant at which the local clock hour starts, in UTC.</summary>
    public required DateTimeOffset HourStart { get; init; }

    /// <summary>Milliwatt-hours.</summary>
    public required long Energy { get; init; }

    /// <summary>How many readings it is the sum of.</summary>
    public required int ReadingCount { get; init; }
}
