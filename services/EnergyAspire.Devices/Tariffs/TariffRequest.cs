using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Devices;

namespace EnergyAspire.Devices.Tariffs;

/// <summary>A tariff to add, or the new state of one. Unknown fields are rejected. Numbers may be sent as strings, such as "0.3250".</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TariffRequest
{
    /// <summary>Display name, on one line. Spaces are trimmed, and repeated ones are collapsed.</summary>
    [Required, StringLength(TariffRules.LongestName, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>Currency of the prices, ISO 4217, such as <c>EUR</c>. It can't change.</summary>
    [Required, RegularExpression("^[A-Z]{3}$")]
    public string? Currency { get; init; }

    /// <summary>All prices that are ever valid, oldest first. Each is valid until the next one.</summary>
    [Required, MinLength(1), MaxLength(TariffRules.MostPrices)]
    public IReadOnlyList<PricesRequest>? Prices { get; init; }

    /// <summary>Last date on which the tariff is valid; null or absent when it has no end.</summary>
    public DateOnly? ValidUntil { get; init; }

    internal Tariff ToTariff(DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Name = DeviceRules.ReadName(Name ?? "").Value,
        Currency = Currency ?? "",
        Prices = [.. (Prices ?? []).Select(prices => prices.ToPrices())],
        ValidUntil = ValidUntil,
        CreatedAt = now,
        UpdatedAt = now,
    };
}

/// <summary>Prices from a date on. Unknown fields are rejected.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed record PricesRequest
{
    /// <summary>First date at a device's site; null for the first prices when they have no beginning.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Price per kWh at all times that are in none of <c>times</c>; it may be negative. At most 8 decimals.</summary>
    [Required, Range(-TariffRules.HighestPrice, TariffRules.HighestPrice)]
    public decimal? UnitPrice { get; init; }

    /// <summary>Times with another price. Where several apply, the first one counts.</summary>
    [MaxLength(TariffRules.MostTimes)]
    public IReadOnlyList<TimeRequest>? Times { get; init; }

    /// <summary>Price of each date, whatever is consumed; 0 by default. At most 8 decimals.</summary>
    [Range(0, TariffRules.HighestPrice)]
    public decimal? BasePricePerDay { get; init; }

    /// <summary>Price of each calendar month, whatever is consumed; 0 by default. At most 8 decimals.</summary>
    [Range(0, TariffRules.HighestPrice)]
    public decimal? BasePricePerMonth { get; init; }

    /// <summary>
    /// Payment per kWh for the energy of devices that produce; it may be negative. Null or absent when the tariff pays nothing for it. At most 8
    /// decimals.
    /// </summary>
    [Range(-TariffRules.HighestPrice, TariffRules.HighestPrice)]
    public decimal? FeedInPrice { get; init; }

    internal TariffPrices ToPrices() => new(
        From, UnitPrice ?? 0, [.. (Times ?? []).Select(time => time.ToTime())], BasePricePerDay ?? 0, BasePricePerMonth ?? 0, FeedInPrice);
}

/// <summary>Hours on the site's clock with a price of their own. Unknown fields are rejected.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed record TimeRequest
{
    /// <summary>Price per kWh; it may be negative. At most 8 decimals.</summary>
    [Required, Range(-TariffRules.HighestPrice, TariffRules.HighestPrice)]
    public decimal? UnitPrice { get; init; }

    /// <summary>First hour; 0 by default.</summary>
    [Range(0, 23)]
    public int? FromHour { get; init; }

    /// <summary>Hour at which the time ends, exclusive; 24 by default. When it isn't after <c>from_hour</c>, the time goes over midnight.</summary>
    [Range(1, 24)]
    public int? UntilHour { get; init; }

    /// <summary>Days of the week, 1 (Monday) to 7 (Sunday), to which the hours belong; all by default. An hour after midnight belongs to the new day.</summary>
    public IReadOnlyList<int>? Weekdays { get; init; }

    /// <summary>Months, 1 to 12, to which the hours belong; all by default.</summary>
    public IReadOnlyList<int>? Months { get; init; }

    internal TariffTime ToTime() => new(
        UnitPrice ?? 0, FromHour ?? 0, UntilHour ?? 24, [.. (Weekdays ?? []).Distinct().Order()], [.. (Months ?? []).Distinct().Order()]);
}
