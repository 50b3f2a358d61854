using System.Text.Json.Serialization;

namespace EnergyAspire.Contracts;

/// <summary>Prices of a tariff from a date on, until its next prices. Dates and hours are those of the device's site.</summary>
/// <param name="From">First date; null for the first ones when they have no beginning.</param>
/// <param name="UnitPrice">Price per kWh at all times that are in none of <paramref name="Times"/>.</param>
/// <param name="Times">Times with another price. Where several apply, the first one counts.</param>
/// <param name="BasePricePerDay">Price of each date, whatever is consumed.</param>
/// <param name="BasePricePerMonth">Price of each calendar month, whatever is consumed. A date has its share of it.</param>
/// <param name="FeedInPrice">Payment per kWh for the energy of devices that produce, at all times; null for none.</param>
public sealed record TariffPrices(
    DateOnly? From, decimal UnitPrice, IReadOnlyList<TariffTime> Times, decimal BasePricePerDay = 0, decimal BasePricePerMonth = 0, decimal? FeedInPrice = null);

/// <summary>Hours on the site's clock with a price of their own.</summary>
/// <param name="UnitPrice">Price per kWh.</param>
/// <param name="FromHour">First hour, 0 to 23.</param>
/// <param name="UntilHour">Hour at which it ends, exclusive, 1 to 24. When it isn't after <paramref name="FromHour"/>, the time goes over midnight.</param>
/// <param name="Weekdays">Days of the week, 1 (Monday) to 7 (Sunday), to which the hours belong; empty for all.</param>
/// <param name="Months">Months, 1 to 12, to which the hours belong; empty for all.</param>
public sealed record TariffTime(decimal UnitPrice, int FromHour, int UntilHour, IReadOnlyList<int> Weekdays, IReadOnlyList<int> Months);

/// <summary>A tariff was added or changed; the event carries its complete state.</summary>
/// <param name="Id">Tariff id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Currency">Currency of its prices, ISO 4217. It never changes.</param>
/// <param name="Prices">All prices that are ever valid, oldest first.</param>
/// <param name="ValidUntil">Last date on which it is valid; null when it has no end.</param>
public sealed record TariffUpdated(Guid Id, string Name, string Currency, IReadOnlyList<TariffPrices> Prices, DateOnly? ValidUntil) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "tariff_updated";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"tariff:{Id}";
}

/// <summary>A tariff that no device has or had was deleted.</summary>
/// <param name="Id">Tariff id, never used again.</param>
public sealed record TariffDeleted(Guid Id) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "tariff_deleted";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"tariff:{Id}";
}
