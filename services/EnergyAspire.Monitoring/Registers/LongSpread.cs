namespace EnergyAspire.Monitoring.Registers;

/// <summary>
/// Names a register reading whose energy is spread over more than a day, so that the verification of a day finds it without looking at all readings before.
/// </summary>
public sealed class LongSpread
{
    /// <summary>Device of the reading.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Time of the reading.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Time of the next reading.</summary>
    public required DateTimeOffset Ends { get; init; }
}
