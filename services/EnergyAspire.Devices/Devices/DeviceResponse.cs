using System.Linq.Expressions;

namespace EnergyAspire.Devices.Devices;

/// <summary>A device as the API shows it.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh in the installation's currency; null when unknown.</param>
/// <param name="TimeZone">IANA zone of the device's site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record DeviceResponse(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static readonly Expression<Func<Device, DeviceResponse>> FromDevice = device => new DeviceResponse(
        device.Id, device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone,
        device.ReportingIntervalSeconds, device.CreatedAt, device.UpdatedAt);
}
