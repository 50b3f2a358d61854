using System.Text.Json.Serialization;

namespace EnergyAspire.Contracts;

/// <summary>Settings of a device that are valid from a time on. Each clock hour is judged by those that were valid at its start.</summary>
/// <param name="From">When they became valid; null for the first ones, which have no beginning.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh in the installation's currency; null when unknown.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
public sealed record DeviceSettings(DateTimeOffset? From, decimal MaxConsumption, decimal? Price, int ReportingIntervalSeconds);

/// <summary>The meter of a device from a time on, until the next one.</summary>
/// <param name="MeterId">Id with which the meter reports.</param>
/// <param name="From">When it began to measure for the device; null for the first one, which has no beginning.</param>
public sealed record DeviceMeter(Guid MeterId, DateTimeOffset? From);

/// <summary>The tariff of a device from a date on, until the next one.</summary>
/// <param name="TariffId">Id of the tariff; null when the device's own price is valid.</param>
/// <param name="From">First date at the device's site; null for the first one when it has no beginning. Before the first one the device's own price is valid.</param>
public sealed record DeviceTariff(Guid? TariffId, DateOnly? From);

/// <summary>A device was registered.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh in the installation's currency; null when unknown.</param>
/// <param name="TimeZone">IANA zone of the device's site, which its hours and days refer to.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings; determines how many are expected in an hour.</param>
public sealed record DeviceCreated(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds) : IEvent
{
    /// <summary>
    /// All settings that were ever valid, oldest first; the last ones are the current ones. Empty or null means that the current ones were always valid.
    /// </summary>
    public IReadOnlyList<DeviceSettings>? Settings { get; init; }

    /// <summary>
    /// All meters of the device, oldest first. Empty means that the only one has the device's id. Null means that the sender doesn't know them.
    /// </summary>
    public IReadOnlyList<DeviceMeter>? Meters { get; init; }

    /// <summary>
    /// Digits before the decimal point of the meter's register, after whose highest value it begins at 0 again. Null when the meter reports the energy of
    /// intervals.
    /// </summary>
    public int? RegisterDigits { get; init; }

    /// <summary>
    /// Tariffs of the device, oldest first. Empty means that its own price is always valid. Null means that the sender doesn't know them.
    /// </summary>
    public IReadOnlyList<DeviceTariff>? Tariffs { get; init; }

    /// <summary>One of <see cref="EnergyDirection"/>. Null means that the sender doesn't know it.</summary>
    public string? Direction { get; init; }

    /// <summary>Device with whose meter this one shares a two-way meter, of which it is the feed-in. Null when it isn't.</summary>
    public Guid? FeedInOf { get; init; }

    /// <summary>When the device came into being. Nothing is expected before. Null when unknown.</summary>
    public DateTimeOffset? ExistsFrom { get; init; }

    /// <inheritdoc />
    public static string EventType => "device_created";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"device:{Id}";
}

/// <summary>A device changed; the event carries its complete new state.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh in the installation's currency; null when unknown.</param>
/// <param name="TimeZone">IANA zone of the device's site, which its hours and days refer to.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings; determines how many are expected in an hour.</param>
public sealed record DeviceUpdated(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds) : IEvent
{
    /// <summary>
    /// All settings that were ever valid, oldest first; the last ones are the current ones. Empty or null means that the current ones were always valid.
    /// </summary>
    public IReadOnlyList<DeviceSettings>? Settings { get; init; }

    /// <summary>
    /// All meters of the device, oldest first. Empty means that the only one has the device's id. Null means that the sender doesn't know them.
    /// </summary>
    public IReadOnlyList<DeviceMeter>? Meters { get; init; }

    /// <summary>
    /// Digits before the decimal point of the meter's register, after whose highest value it begins at 0 again. Null when the meter reports the energy of
    /// intervals.
    /// </summary>
    public int? RegisterDigits { get; init; }

    /// <summary>
    /// Tariffs of the device, oldest first. Empty means that its own price is always valid. Null means that the sender doesn't know them.
    /// </summary>
    public IReadOnlyList<DeviceTariff>? Tariffs { get; init; }

    /// <summary>One of <see cref="EnergyDirection"/>. Null means that the sender doesn't know it.</summary>
    public string? Direction { get; init; }

    /// <summary>Device with whose meter this one shares a two-way meter, of which it is the feed-in. Null when it isn't.</summary>
    public Guid? FeedInOf { get; init; }

    /// <summary>When the device came into being. Nothing is expected before. Null when unknown.</summary>
    public DateTimeOffset? ExistsFrom { get; init; }

    /// <inheritdoc />
    public static string EventType => "device_updated";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"device:{Id}";
}

/// <summary>A device was deleted. Its consumption history stays visible to admins.</summary>
/// <param name="Id">Device id, never used again.</param>
public sealed record DeviceDeleted(Guid Id) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "device_deleted";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"device:{Id}";
}

/// <summary>A time during which a device belonged to an account. The account sees what was measured in it, also after it has ended.</summary>
/// <param name="From">When it begins; null when it has no beginning.</param>
/// <param name="Until">When it ends, exclusive; null while it lasts.</param>
public sealed record MappingPeriod(DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>A device belongs to an account, or the periods of such a mapping have changed.</summary>
/// <param name="UserId">Account that may see it.</param>
/// <param name="DeviceId">Device that it may see.</param>
/// <param name="Periods">All periods of the mapping, oldest first; the last one has no end. Null means one period without a beginning.</param>
public sealed record DeviceAssigned(Guid UserId, Guid DeviceId, IReadOnlyList<MappingPeriod>? Periods = null) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "device_assigned";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"mapping:{UserId}:{DeviceId}";
}

/// <summary>A device no longer belongs to an account, or the periods of such a mapping have changed.</summary>
/// <param name="UserId">Account that could see it.</param>
/// <param name="DeviceId">Device that it could see.</param>
/// <param name="Periods">All periods of the mapping, oldest first; all have an end. Null means none.</param>
public sealed record DeviceUnassigned(Guid UserId, Guid DeviceId, IReadOnlyList<MappingPeriod>? Periods = null) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "device_unassigned";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"mapping:{UserId}:{DeviceId}";
}
