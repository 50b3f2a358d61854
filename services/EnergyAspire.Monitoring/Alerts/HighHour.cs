namespace EnergyAspire.Monitoring.Alerts;

/// <summary>An hour that passed its device's limit, or will if it goes on as so far.</summary>
/// <param name="DeviceId">Device that consumes.</param>
/// <param name="HourStart">Start of the clock hour, in UTC.</param>
/// <param name="Energy">Milliwatt-hours so far.</param>
/// <param name="Projected">Milliwatt-hours that the whole hour would come to.</param>
/// <param name="LimitEnergy">Milliwatt-hours that it should not pass.</param>
/// <param name="IsLate">Whether the hour has been over for longer than readings take to come.</param>
/// <param name="Zone">Zone of the device's site.</param>
public sealed record HighHour(
    Guid DeviceId, DateTimeOffset HourStart, long Energy, long Projected, long LimitEnergy, bool IsLate, TimeZoneInfo Zone)
{
    /// <summary>One of <see cref="AlertKind"/>.</summary>
    public string Kind => Energy > LimitEnergy ? AlertKind.Exceeded : AlertKind.Projected;
}

/// <summary>An alert that was stored just now.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Zone">Zone of the device's site.</param>
/// <param name="IsNotice">Whether people who watch are told of it; of the late alerts of a device only the first is such a notice.</param>
public sealed record RaisedAlert(Alert Alert, TimeZoneInfo Zone, bool IsNotice);
