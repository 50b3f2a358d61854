using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Devices;

/// <summary>A device as the API shows it.</summary>
/// <param name="Id">Device id.</param>
/// <param name="ExternalId">Id in another system, by which imports find the device; unique. Null without one.</param>
/// <param name="Name">Display name.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh in the installation's currency; null when unknown.</param>
/// <param name="TimeZone">IANA zone of the device's site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings, over which the energy of a reading is spread.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="Settings">All limits, prices and intervals that were ever valid, oldest first. Empty when the current ones were always valid.</param>
/// <param name="Meters">All meters that ever measured for the device, oldest first. Empty when the only one has the device's id.</param>
/// <param name="RegisterDigits">
/// Digits before the decimal point of the meter's register, after whose highest value it begins at 0 again. Null when the meter reports the energy of
/// intervals.
/// </param>
/// <param name="Tariffs">
/// Tariffs that are ever valid, oldest first; each is valid until the next one. Where <c>tariff_id</c> is null, and before the first one, <c>price</c> is
/// valid.
/// </param>
/// <param name="Direction"><c>consumption</c>, or <c>production</c> for a device that gives energy. The cost of its energy is negative.</param>
/// <param name="FeedInOf">Device of whose two-way meter this one is the feed-in; null when it is none.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000d1","external_id":"HP-0017","name":"Heat pump","description":"In the cellar","max_consumption":3.0,"price":0.32,"time_zone":"Europe/Berlin","reporting_interval_seconds":600,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","settings":[{"from":null,"max_consumption":3.0,"price":0.29,"reporting_interval_seconds":600},{"from":"2026-02-01T00:00:00Z","max_consumption":3.0,"price":0.32,"reporting_interval_seconds":600}],"meters":[{"meter_id":"00000000-0000-7000-8000-0000000000d1","from":null},{"meter_id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","from":"2026-03-01T09:30:00Z"}],"register_digits":null,"tariffs":[{"tariff_id":"0198b6a2-1111-7000-8000-000000000001","from":"2026-04-01"}],"direction":"consumption","feed_in_of":null}</example>
public sealed record DeviceResponse(
    Guid Id, string? ExternalId, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<DeviceSettings> Settings,
    IReadOnlyList<DeviceMeter> Meters, int? RegisterDigits, IReadOnlyList<DeviceTariff> Tariffs, string Direction, Guid? FeedInOf)
{
    internal static DeviceResponse From(Device device) => new(
        device.Id, device.ExternalId, device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone,
        device.ReportingIntervalSeconds, device.CreatedAt, device.UpdatedAt, device.History(), device.Meters, device.RegisterDigits, device.Tariffs,
        device.Direction, device.FeedInOf);
}

/// <summary>A device after a change.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="Device">The device.</param>
public sealed record DeviceAnswer(string Message, DeviceResponse Device);
