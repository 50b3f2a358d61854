using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Alerts;

/// <summary>An hour that exceeds its device's limit, or will at the present rate.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="HourStart">Start of the clock hour, in UTC.</param>
/// <param name="Energy">Milliwatt-hours so far.</param>
/// <param name="Projected">Milliwatt-hours projected for the whole hour.</param>
/// <param name="LimitEnergy">Limit of the hour in milliwatt-hours.</param>
/// <param name="IsLate">Whether the hour ended so long ago that its readings should have arrived already.</param>
public sealed record HighHour(Guid DeviceId, DateTimeOffset HourStart, long Energy, long Projected, long LimitEnergy, bool IsLate)
{
    /// <summary>One of <see cref="AlertKind"/>.</summary>
    public string Kind => Energy > LimitEnergy ? AlertKind.Exceeded : AlertKind.Projected;
}

/// <summary>A newly stored alert.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Device">The device that consumed.</param>
/// <param name="IsNotice">
/// Whether it is pushed to live viewers: of the alerts that a batch raises for a device the latest hour's, and of a series of late ones the first.
/// </param>
public sealed record RaisedAlert(Alert Alert, DeviceReplica Device, bool IsNotice);
