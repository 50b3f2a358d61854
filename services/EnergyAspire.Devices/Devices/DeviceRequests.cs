using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;

namespace EnergyAspire.Devices.Devices;

/// <summary>A device to register. Unknown fields are rejected. Numbers may be sent as strings, such as "5.50".</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed record NewDevice
{
    /// <summary>Id with which the meter already reports. It must never have belonged to a device. By default an id is generated.</summary>
    public Guid? Id { get; init; }

    /// <summary>Id in another system, by which imports find the device; unique. Spaces are trimmed; without one or with an empty one it has none.</summary>
    [MaxLength(DeviceRules.LongestExternalId)]
    public string? ExternalId { get; init; }

    /// <summary>Display name, on one line. Spaces are trimmed, and repeated ones are collapsed.</summary>
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

    /// <summary>IANA zone of the device's site; by default that of the installation.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Seconds between two readings, over which the energy of a reading is spread; 600 by default.</summary>
    [Range(1, DeviceRules.LongestInterval)]
    public int? ReportingIntervalSeconds { get; init; }

    /// <summary>
    /// Digits before the decimal point of the meter's register, for a meter that reports a register in <c>register_value</c>. By default the meter
    /// reports the energy of intervals in <c>measurement_value</c>.
    /// </summary>
    [Range(DeviceRules.FewestRegisterDigits, DeviceRules.MostRegisterDigits)]
    public int? RegisterDigits { get; init; }

    /// <summary><c>consumption</c> (default), or <c>production</c> for a device that gives energy, such as a solar inverter.</summary>
    public string? Direction { get; init; }

    /// <summary>
    /// Device whose meter is a two-way meter. The new device is its feed-in: readings of that meter with <c>"direction": "production"</c> belong to it.
    /// It has the time zone of that device, and its interval by default.
    /// </summary>
    public Guid? FeedInOf { get; init; }

    /// <param name="site">Defaults of the installation.</param>
    /// <param name="now">Time of the registration.</param>
    /// <param name="feedInOf">The device with the two-way meter; null for a device with a meter of its own.</param>
    internal Device ToDevice(SiteOptions site, DateTimeOffset now, Device? feedInOf = null) => new()
    {
        Id = Id ?? Guid.CreateVersion7(now),
        ExternalId = DeviceRules.StoredExternalId(ExternalId),
        Name = DeviceRules.ReadName(Name ?? "").Value,
        Description = DeviceRules.ReadDescription(Description ?? ""),
        MaxConsumption = MaxConsumption ?? 0,
        Price = Price,
        TimeZone = TimeZone ?? feedInOf?.TimeZone ?? site.TimeZone,
        ReportingIntervalSeconds = ReportingIntervalSeconds ?? feedInOf?.ReportingIntervalSeconds ?? Device.DefaultReportingInterval,
        RegisterDigits = RegisterDigits,
        Direction = Direction ?? (feedInOf is null ? EnergyDirection.Consumption : EnergyDirection.Production),
        FeedInOf = feedInOf?.Id,
        Meters = feedInOf is null ? [] : Device.FeedInMetersOf(feedInOf),
        CreatedAt = now,
        UpdatedAt = now,
    };
}

/// <summary>
/// Changes of a device. An absent or null field keeps its value, except that null makes the price unknown, and for <c>register_digits</c> means a
/// meter without a register. Unknown fields are rejected. Numbers may be sent as strings, such as "5.50".
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed record DeviceChange
{
    /// <summary>Id in another system, by which imports find the device; unique. Spaces are trimmed; an empty one removes it.</summary>
    [MaxLength(DeviceRules.LongestExternalId)]
    public string? ExternalId { get; init; }

    /// <summary>Display name, on one line. Spaces are trimmed, and repeated ones are collapsed.</summary>
    [StringLength(DeviceRules.LongestName, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>Free text; an empty text clears it.</summary>
    [MaxLength(DeviceRules.LongestDescription)]
    public string? Description { get; init; }

    /// <summary>Limit in kWh per clock hour, more than 0.</summary>
    [Range(0, DeviceRules.LargestConsumption, MinimumIsExclusive = true)]
    public decimal? MaxConsumption { get; init; }

    /// <summary>Price per kWh in the installation's currency; null makes the price unknown.</summary>
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

    /// <summary>Seconds between two readings, over which the energy of a reading is spread.</summary>
    [Range(1, DeviceRules.LongestInterval)]
    public int? ReportingIntervalSeconds { get; init; }

    /// <summary>
    /// Digits before the decimal point of the meter's register, for a meter that reports a register in <c>register_value</c>. Null means that it reports
    /// the energy of intervals in <c>measurement_value</c>. It holds for readings that arrive from now on.
    /// </summary>
    [Range(DeviceRules.FewestRegisterDigits, DeviceRules.MostRegisterDigits)]
    public int? RegisterDigits
    {
        get;
        init
        {
            field = value;
            AreRegisterDigitsSent = true;
        }
    }

    /// <summary><c>consumption</c> or <c>production</c>. It is valid for all readings of the device, past ones too.</summary>
    public string? Direction { get; init; }

    /// <summary>
    /// When limit, price and interval become valid, not in the future; by default now. Each is valid until its next change. A time before the
    /// device's registration means from the beginning.
    /// </summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>All tariffs of the device, for imports; null when they stay.</summary>
    [JsonIgnore]
    internal IReadOnlyList<DeviceTariff>? Tariffs { get; init; }

    /// <summary>Whether a price was sent. It distinguishes a price of null from an absent one.</summary>
    [JsonIgnore]
    internal bool IsPriceSent { get; private init; }

    /// <summary>Whether register digits were sent. It distinguishes null from an absent value.</summary>
    [JsonIgnore]
    internal bool AreRegisterDigitsSent { get; private init; }

    internal void ApplyTo(Device device, DateTimeOffset now)
    {
        device.ExternalId = ExternalId is null ? device.ExternalId : DeviceRules.StoredExternalId(ExternalId);
        device.Name = Name is null || Name == device.Name ? device.Name : DeviceRules.ReadName(Name).Value;
        device.Description = Description is null ? device.Description : DeviceRules.ReadDescription(Description);
        device.TimeZone = TimeZone ?? device.TimeZone;
        device.RegisterDigits = AreRegisterDigitsSent ? RegisterDigits : device.RegisterDigits;
        device.Direction = Direction ?? device.Direction;
        device.Tariffs = Tariffs ?? device.Tariffs;
        device.ChangeSettings([.. SettingChanges()], ValidFrom?.ToStored() ?? Later(now, device.CurrentSettings.From));
    }

    // Another replica's clock may be ahead, and this change comes after its change.
    private static DateTimeOffset Later(DateTimeOffset now, DateTimeOffset? lastChange) => lastChange > now ? lastChange.Value : now;

    private IEnumerable<SettingChange> SettingChanges()
    {
        if (MaxConsumption is { } limit)
            yield return new SettingChange(settings => settings.MaxConsumption, settings => settings with { MaxConsumption = limit });
        if (IsPriceSent)
            yield return new SettingChange(settings => settings.Price, settings => settings with { Price = Price });
        if (ReportingIntervalSeconds is { } interval)
            yield return new SettingChange(settings => settings.ReportingIntervalSeconds, settings => settings with { ReportingIntervalSeconds = interval });
    }
}
