using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Devices;

/// <summary>The changeable fields of a device in audit records.</summary>
internal sealed record DeviceFacts(
    string? ExternalId, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds, int? RegisterDigits, string Direction, Guid? FeedInOf,
    IReadOnlyList<DeviceSettings> Settings, IReadOnlyList<DeviceMeter> Meters, IReadOnlyList<DeviceTariff> Tariffs)
{
    public static DeviceFacts Of(Device device) => new(
        device.ExternalId, device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone, device.ReportingIntervalSeconds,
        device.RegisterDigits, device.Direction, device.FeedInOf, device.History(), device.Meters, device.Tariffs);

    /// <summary>Whether these are the same fields and the same histories.</summary>
    public bool AreSame(DeviceFacts other) =>
        this with { Settings = other.Settings, Meters = other.Meters, Tariffs = other.Tariffs } == other
        && Settings.SequenceEqual(other.Settings) && Meters.SequenceEqual(other.Meters) && Tariffs.SequenceEqual(other.Tariffs);
}
