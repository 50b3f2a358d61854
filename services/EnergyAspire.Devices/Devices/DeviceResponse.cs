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
/// <example>{"id":"00000000-0000-7000-8000-0000000000d1","name":"Heat pump","description":"In the cellar","max_consumption":3.0,"price":0.32,"time_zone":"Europe/Berlin","reporting_interval_seconds":600,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}</example>
public sealed record DeviceResponse(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static DeviceResponse From(Device device) => new(
        device.Id, device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone,
        device.ReportingIntervalSeconds, device.CreatedAt, device.UpdatedAt);
}

/// <summary>A device after a change.</summary>
/// <param name="Message">What happened, for people.</param>
/// <param name="Device">The device.</param>
public sealed record DeviceAnswer(string Message, DeviceResponse Device);
