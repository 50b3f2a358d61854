using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Devices;

/// <summary>A meter and what the system knows of it.</summary>
public sealed class Device
{
    /// <summary>Seconds between two readings of a device that doesn't say otherwise.</summary>
    public const int DefaultReportingInterval = 600;

    /// <summary>Id, never used again after deletion.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name for people, 1 to 255 characters, not unique.</summary>
    public required string Name { get; set; }

    /// <summary>Free text, may be empty.</summary>
    public string Description { get; set; } = "";

    /// <summary>Limit in kWh per clock hour.</summary>
    public required decimal MaxConsumption { get; set; }

    /// <summary>Price per kWh in the installation's currency; null when unknown.</summary>
    public decimal? Price { get; set; }

    /// <summary>IANA zone of the site; the device's hours and days are clock hours and days there.</summary>
    public required string TimeZone { get; set; }

    /// <summary>Seconds between two readings.</summary>
    public int ReportingIntervalSeconds { get; set; } = DefaultReportingInterval;

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Grows by one with each change; events carry it.</summary>
    public long Version { get; set; } = 1;

    /// <summary>The event that announces the device.</summary>
    public DeviceCreated Created() => new(Id, Name, Description, MaxConsumption, Price, TimeZone, ReportingIntervalSeconds);

    /// <summary>The event that announces its new state.</summary>
    public DeviceUpdated Updated() => new(Id, Name, Description, MaxConsumption, Price, TimeZone, ReportingIntervalSeconds);
}
