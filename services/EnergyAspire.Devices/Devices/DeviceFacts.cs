namespace EnergyAspire.Devices.Devices;

/// <summary>What can be changed of a device, as audit records tell it.</summary>
internal sealed record DeviceFacts(
    string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds)
{
    public static DeviceFacts Of(Device device) => new(
        device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone, device.ReportingIntervalSeconds);
}
