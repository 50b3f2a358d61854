using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using NpgsqlTypes;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>This service's replica of an account, updated by events.</summary>
public sealed class UserReplica
{
    /// <summary>Account id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Sign-in name; empty on a tombstone.</summary>
    public required string Username { get; init; }

    /// <summary><c>admin</c> or <c>client</c>; empty on a tombstone.</summary>
    public required string Role { get; init; }

    /// <summary>Tokens of an earlier generation are invalid.</summary>
    public long TokenGeneration { get; init; }

    /// <summary>Version of the account in this row. Events with a lower version have no effect.</summary>
    public required long Version { get; init; }

    /// <summary>Whether this row is the tombstone of a deleted account, so that a late event can't bring it back.</summary>
    public required bool IsDeleted { get; init; }
}

/// <summary>This service's replica of a device, updated by events.</summary>
public sealed class DeviceReplica
{
    /// <summary>Device id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>Free text, may be empty.</summary>
    public required string Description { get; init; }

    /// <summary>Limit in kWh per clock hour.</summary>
    public required decimal MaxConsumption { get; init; }

    /// <summary>Price per kWh at times without a tariff; null when unknown.</summary>
    public decimal? Price { get; init; }

    /// <summary>IANA zone of the site; hours and days of the device are local hours and days in this zone.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Seconds between two readings.</summary>
    public required int ReportingIntervalSeconds { get; init; }

    /// <summary>All limits, prices and intervals that were ever valid, oldest first. Empty when the current ones were always valid.</summary>
    public IReadOnlyList<DeviceSettings> Settings { get; init; } = [];

    /// <summary>All meters that ever measured for the device, oldest first. Empty or null when the only one has the device's id.</summary>
    public IReadOnlyList<DeviceMeter>? Meters { get; init; }

    /// <summary>
    /// Digits before the decimal point of the meter's register, after whose highest value it begins at 0 again. Null when the meter reports the energy of
    /// intervals.
    /// </summary>
    public int? RegisterDigits { get; init; }

    /// <summary>Tariffs that are ever valid, oldest first. Empty or null when the own price is always valid.</summary>
    public IReadOnlyList<DeviceTariff>? Tariffs { get; init; }

    /// <summary>One of <see cref="EnergyDirection"/>; null when unknown, which means consumption.</summary>
    public string? Direction { get; init; }

    /// <summary>Device of whose two-way meter this one is the feed-in; null when it is none.</summary>
    public Guid? FeedInOf { get; init; }

    /// <summary>Whether the device gives energy.</summary>
    public bool IsProduction => Direction == EnergyDirection.Production;

    /// <summary>When the device came into being; null when unknown. No reading is expected before.</summary>
    public DateTimeOffset? ExistsFrom { get; init; }

    /// <summary>When it was deleted; null before. No reading is expected afterwards.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Newest known version of the device; it decides <see cref="IsDeleted"/>.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// Version that the name, limit, zone and other values are from; 0 before the first values. A deletion event carries no values and raises only
    /// <see cref="Version"/>. Values newer than this version are still applied after a deletion, so the row ends with the last values in any order of
    /// events.
    /// </summary>
    public long StateVersion { get; init; }

    /// <summary>Whether this row is the tombstone of a deleted device, whose consumption stays visible to admins.</summary>
    public required bool IsDeleted { get; init; }

    /// <summary>Returns the limit, in kWh, of a clock hour that starts at a time.</summary>
    public decimal LimitAt(DateTimeOffset hourStart) => Settings.At(hourStart)?.MaxConsumption ?? MaxConsumption;

    /// <summary>Whether the device existed in a part of a span of time.</summary>
    /// <param name="from">Start of the span.</param>
    /// <param name="until">End of the span, exclusive.</param>
    public bool Existed(DateTimeOffset from, DateTimeOffset until) => from < until && !(ExistsFrom >= until) && !(IsDeleted && DeletedAt <= from);

    /// <summary>Counts the readings that the device should have sent in a span of time in which it existed.</summary>
    /// <param name="from">Start of the span.</param>
    /// <param name="until">End of the span, exclusive.</param>
    public int ExpectedReadings(DateTimeOffset from, DateTimeOffset until) => Settings.ExpectedReadings(
        ReportingIntervalSeconds, ExistsFrom is { } start && start > from ? start : from, IsDeleted && DeletedAt < until ? DeletedAt.Value : until);
}

/// <summary>
/// A span of time in which a meter measured for a device, as in <see cref="DeviceReplica.Meters"/>. Devices whose only meter has the device's id have no
/// rows here, and neither have meters that were dropped from a device's list.
/// </summary>
public sealed class MeterSpan
{
    /// <summary>Id with which the meter reports.</summary>
    public required Guid MeterId { get; init; }

    /// <summary>Device that it measured for.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Position in the device's list, counted from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Start of the span; null when it has none.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>End of the span, exclusive; null while it lasts.</summary>
    public DateTimeOffset? ValidUntil { get; init; }
}

/// <summary>This service's replica of when a device belonged to an account, updated by events.</summary>
public sealed class MappingReplica
{
    /// <summary>Account that may see the device.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Device that it may see.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Version of the mapping in this row. Events with a lower version have no effect.</summary>
    public required long Version { get; init; }

    /// <summary>Whether the device belongs to the account now.</summary>
    public required bool IsAssigned { get; init; }

    /// <summary>
    /// Periods in which it belonged to the account, sorted and disjoint; the last one is open when <see cref="IsAssigned"/>. The account sees what
    /// was measured in them.
    /// </summary>
    public NpgsqlRange<DateTimeOffset>[] Periods { get; init; } = [];

    /// <summary>Whether this row is the tombstone of a mapping that Devices no longer lists.</summary>
    public bool IsDeleted { get; init; }
}

/// <summary>This service's replica of a tariff, updated by events.</summary>
public sealed class TariffReplica
{
    /// <summary>Tariff id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>Currency of the prices, ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>All prices that are ever valid, oldest first; each is valid until the next one.</summary>
    public required IReadOnlyList<TariffPrices> Prices { get; init; }

    /// <summary>Last date, at a device's site, on which it is valid; null when it has no end.</summary>
    public DateOnly? ValidUntil { get; init; }

    /// <summary>Newest known version of the tariff; it decides <see cref="IsDeleted"/>.</summary>
    public required long Version { get; init; }

    /// <summary>Version that the values are from; 0 before the first ones.</summary>
    public long StateVersion { get; init; }

    /// <summary>Whether this row is the tombstone of a deleted tariff. It keeps the prices, because a deleted device may have had it.</summary>
    public required bool IsDeleted { get; init; }
}
