namespace EnergyAspire.Contracts;

/// <summary>An account as Identity lists it for services that hold replicas of accounts.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="TokenGeneration">Access tokens of an earlier generation are invalid.</param>
/// <param name="Version">Version of the account; events carry it too.</param>
public sealed record UserState(Guid Id, string Username, string Role, long TokenGeneration, long Version);

/// <summary>A device as Devices lists it for services that hold replicas of devices.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <param name="Version">Version of the device; events carry it too.</param>
/// <param name="Price">Price per kWh; null when unknown.</param>
public sealed record DeviceState(
    Guid Id, string Name, string Description, decimal MaxConsumption, string TimeZone, int ReportingIntervalSeconds, long Version, decimal? Price = null)
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
}

/// <summary>A mapping as Devices lists it for services that hold replicas of mappings.</summary>
/// <param name="UserId">Account that may see the device.</param>
/// <param name="DeviceId">Device to be seen.</param>
/// <param name="Version">Version of the mapping; events carry it too.</param>
/// <param name="IsAssigned">Whether the device belongs to the account now.</param>
/// <param name="Periods">All periods of the mapping, oldest first. Null means one without a beginning and end if it is assigned, and none otherwise.</param>
public sealed record MappingState(
    Guid UserId, Guid DeviceId, long Version, bool IsAssigned = true, IReadOnlyList<MappingPeriod>? Periods = null);

/// <summary>A tariff as Devices lists it for services that hold replicas of tariffs.</summary>
/// <param name="Id">Tariff id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Currency">Currency of its prices, ISO 4217.</param>
/// <param name="Prices">All prices that are ever valid, oldest first.</param>
/// <param name="ValidUntil">Last date on which it is valid; null when it has no end.</param>
/// <param name="Version">Version of the tariff; events carry it too.</param>
public sealed record TariffState(Guid Id, string Name, string Currency, IReadOnlyList<TariffPrices> Prices, DateOnly? ValidUntil, long Version);
