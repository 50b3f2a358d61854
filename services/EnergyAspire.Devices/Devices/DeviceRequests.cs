using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EnergyAspire.Devices.Devices;

/// <summary>A device to register. A field that isn't here is refused. Numbers may come as strings, such as "5.50".</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed record NewDevice
{
    /// <summary>Id that the meter already reports with; it must never have been a device's. Without one an id is made.</summary>
    public Guid? Id { get; init; }

    /// <summary>Name for people, on one line; blanks around it are dropped.</summary>
    [Required, StringLength(DeviceRules.LongestName, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>Free text.</summary>
    [MaxLength(DeviceRules.LongestDescription)]
    public string? Description { get; init; }

    /// <summary>Limit in kWh per clock hour, more than 0.</summary>
    [Required, Range(0, DeviceRules.LargestConsumption, MinimumIsExclusive = true)]
    public decimal? MaxConsumption { get; init; }

    /// <summary>Price per kWh in the installation's currency; null when unknown.</summary>
    [Range(0, DeviceRules.HighestPrice)]
    public decimal? Price { get; init; }

    /// <summary>IANA zone of the device's site; that of the installation without one.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Seconds between two readings; 600 without one.</summary>
    [Range(1, DeviceRules.LongestInterval)]
    public int? ReportingIntervalSeconds { get; init; }

    internal Device ToDevice(SiteOptions site, DateTimeOffset now) => new()
    {
        Id = Id ?? Guid.CreateVersion7(now),
        Name = DeviceRules.ReadName(Name ?? "").Value,
        Description = DeviceRules.ReadDescription(Description ?? ""),
        MaxConsumption = MaxConsumption ?? 0,
        Price = Price,
        TimeZone = TimeZone ?? site.TimeZone,
        ReportingIntervalSeconds = ReportingIntervalSeconds ?? Device.DefaultReportingInterval,
        CreatedAt = now,
        UpdatedAt = now,
    };
}

/// <summary>
/// What is to change of a device. A field that is absent or null keeps its value, but a price of null makes it unknown. A field that isn't
/// here is refused. Numbers may come as strings, such as "5.50".
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed record DeviceChange
{
    /// <summary>Name for people, on one line; blanks around it are dropped.</summary>
    [StringLength(DeviceRules.LongestName, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>Free text; an empty one clears it.</summary>
    [MaxLength(DeviceRules.LongestDescription)]
    public string? Description { get; init; }

    /// <summary>Limit in kWh per clock hour, more than 0.</summary>
    [Range(0, DeviceRules.LargestConsumption, MinimumIsExclusive = true)]
    public decimal? MaxConsumption { get; init; }

    /// <summary>Price per kWh in the installation's currency; null makes it unknown.</summary>
    [Range(0, DeviceRules.HighestPrice)]
    public decimal? Price
    {
        get;
        init
        {
            field = value;
            IsPriceSent = true;
        }
    }

    /// <summary>IANA zone of the device's site.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Seconds between two readings.</summary>
    [Range(1, DeviceRules.LongestInterval)]
    public int? ReportingIntervalSeconds { get; init; }

    /// <summary>Tells a price of null from none.</summary>
    [JsonIgnore]
    internal bool IsPriceSent { get; private init; }

    internal void ApplyTo(Device device)
    {
        device.Name = Name is null || Name == device.Name ? device.Name : DeviceRules.ReadName(Name).Value;
        device.Description = Description is null ? device.Description : DeviceRules.ReadDescription(Description);
        device.MaxConsumption = MaxConsumption ?? device.MaxConsumption;
        device.Price = IsPriceSent ? Price : device.Price;
        device.TimeZone = TimeZone ?? device.TimeZone;
        device.ReportingIntervalSeconds = ReportingIntervalSeconds ?? device.ReportingIntervalSeconds;
    }
}
