using System.Text.Json.Serialization;

namespace EnergyAspire.Contracts;

/// <summary>A device was registered.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh in the installation's currency; null when unknown.</param>
/// <param name="TimeZone">IANA zone of the device's site; its hours and days are clock hours there.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings, which says how many an hour should bring.</param>
public sealed record DeviceCreated(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "device_created";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"device:{Id}";
}

/// <summary>A device changed; carries the whole new state.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh in the installation's currency; null when unknown.</param>
/// <param name="TimeZone">IANA zone of the device's site; its hours and days are clock hours there.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings, which says how many an hour should bring.</param>
public sealed record DeviceUpdated(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "device_updated";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"device:{Id}";
}

/// <summary>A device is gone; its consumption history stays for admins.</summary>
/// <param name="Id">Device id, never used again.</param>
public sealed record DeviceDeleted(Guid Id) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "device_deleted";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"device:{Id}";
}

/// <summary>A person may see a device from now on.</summary>
/// <param name="UserId">Account that may see it.</param>
/// <param name="DeviceId">Device to be seen.</param>
public sealed record DeviceAssigned(Guid UserId, Guid DeviceId) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "device_assigned";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"mapping:{UserId}:{DeviceId}";
}

/// <summary>A person may no longer see a device.</summary>
/// <param name="UserId">Account that could see it.</param>
/// <param name="DeviceId">Device that was seen.</param>
public sealed record DeviceUnassigned(Guid UserId, Guid DeviceId) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "device_unassigned";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"mapping:{UserId}:{DeviceId}";
}
