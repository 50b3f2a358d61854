namespace EnergyAspire.Contracts;

/// <summary>A span of time in which a meter measured for a device.</summary>
/// <param name="MeterId">Id with which the meter reports.</param>
/// <param name="From">Start; null when it has none.</param>
/// <param name="Until">End, exclusive; null while it lasts.</param>
public readonly record struct MeterUse(Guid MeterId, DateTimeOffset? From, DateTimeOffset? Until)
{
    /// <summary>Whether a time lies in the span.</summary>
    public bool Contains(DateTimeOffset time) => !(time < From) && !(time >= Until);

    /// <summary>Whether the meter was in use at two places at once.</summary>
    public bool Overlaps(MeterUse other) => MeterId == other.MeterId && !(Until <= other.From) && !(other.Until <= From);
}

/// <summary>Reads when which meter measured for a device.</summary>
public static class MeterUses
{
    /// <summary>Returns the uses in the order of time. Together they cover all times.</summary>
    /// <param name="meters">Meters of the device, oldest first; empty when the only one has the device's id.</param>
    /// <param name="deviceId">Device id.</param>
    public static IEnumerable<MeterUse> Of(IReadOnlyList<DeviceMeter> meters, Guid deviceId) => meters is []
        ? [new MeterUse(deviceId, From: null, Until: null)]
        : meters.Select((meter, index) => new MeterUse(meter.MeterId, meter.From, index + 1 < meters.Count ? meters[index + 1].From : null));
}
