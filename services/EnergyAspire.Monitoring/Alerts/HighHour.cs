namespace EnergyAspire.Monitoring.Alerts;

/// <summary>An hour that passed its device's limit, or will if it goes on as so far.</summary>
/// <param name="DeviceId">Device that consumes.</param>
/// <param name="HourStart">Start of the clock hour, in UTC.</param>
/// <param name="Energy">Milliwatt-hours so far.</param>
/// <param name="Projected">Milliwatt-hours that the whole hour would come to.</param>
/// <param name="LimitEnergy">Milliwatt-hours that it should not pass.</param>
public sealed record HighHour(Guid DeviceId, DateTimeOffset HourStart, long Energy, long Projected, long LimitEnergy)
{
    /// <summary>One of <see cref="AlertKind"/>.</summary>
    public string Kind => Energy > LimitEnergy ? AlertKind.Exceeded : AlertKind.Projected;
}
