using EnergyAspire.Devices.Devices;

namespace EnergyAspire.Devices.Tariffs;

/// <summary>Limits and validation of tariffs.</summary>
internal static class TariffRules
{
    public const int LongestName = DeviceRules.LongestName;
    public const int HighestPrice = DeviceRules.HighestPrice;
    public const int MostDecimals = 8;
    public const int MostPrices = 500;
    public const int MostTimes = 50;

    private static readonly DateOnly FirstDate = DateOnly.FromDateTime(DateTime.UnixEpoch);
    private static readonly DateOnly LastDate = new(9000, 12, 31);

    /// <summary>Finds what is wrong with a request, by field as sent.</summary>
    /// <param name="request">The request.</param>
    /// <param name="held">The tariff that it changes; null for a new one.</param>
    public static Dictionary<string, string[]> Check(TariffRequest request, Tariff? held = null)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if ((held is null || request.Name != held.Name) && DeviceRules.ReadName(request.Name ?? "").Error is { } wrong)
            errors["name"] = [wrong];
        if (request.Currency is not { Length: 3 } currency || !currency.All(char.IsAsciiLetterUpper))
            errors["currency"] = ["The currency is a code of three letters by ISO 4217, such as EUR."];
        else if (held is not null && held.Currency != currency)
            errors["currency"] = [$"The currency of a tariff can't change; it is {held.Currency}."];
        if (PricesFault(request.Prices) is { } fault)
            errors["prices"] = [fault];
        if (request.ValidUntil is { } until && (until < FirstDate || until > LastDate || (request.Prices is [.., { From: { } last }] && until < last)))
            errors["valid_until"] = ["The last date lies in the years 1970 to 9000, and not before the last prices."];

        return errors;
    }

    private static string? PricesFault(IReadOnlyList<PricesRequest>? all) =>
        all is not { Count: >= 1 and <= MostPrices } ? $"The prices are a list of 1 to {MostPrices}."
        : all.Any(prices => prices is null) ? "Each entry has prices."
        : all.Skip(1).Any(prices => prices.From is null) ? "Only the first prices may be without a from."
        : all.Any(prices => prices.From < FirstDate || prices.From > LastDate) ? "Each from lies in the years 1970 to 9000."
        : all.Zip(all.Skip(1)).Any(pair => pair.Second.From <= pair.First.From) ? "The prices are sorted, and each begins after the one before."
        : all.Select(Fault).FirstOrDefault(fault => fault is not null);

    private static string? Fault(PricesRequest prices) =>
        !IsPrice(prices.UnitPrice, -HighestPrice) ? $"Each unit_price is a number of -{HighestPrice} to {HighestPrice} with at most {MostDecimals} decimals."
        : !IsPrice(prices.BasePricePerDay ?? 0, 0) || !IsPrice(prices.BasePricePerMonth ?? 0, 0) ? $"A base price is a number of 0 to {HighestPrice} with at most {MostDecimals} decimals."
        : !IsPrice(prices.FeedInPrice ?? 0, -HighestPrice) ? $"A feed_in_price is a number of -{HighestPrice} to {HighestPrice} with at most {MostDecimals} decimals, or null."
        : prices.Times is { Count: > MostTimes } ? $"Prices have at most {MostTimes} times."
        : (prices.Times ?? []).Select(Fault).FirstOrDefault(fault => fault is not null);

    private static string? Fault(TimeRequest? time) =>
        time is null || !IsPrice(time.UnitPrice, -HighestPrice) ? $"Each time has a unit_price of -{HighestPrice} to {HighestPrice} with at most {MostDecimals} decimals."
        : time is { FromHour: < 0 or > 23 } or { UntilHour: < 1 or > 24 } ? "A from_hour is 0 to 23, and an until_hour 1 to 24."
        : time.FromHour is { } from && from == time.UntilHour ? "A time ends at another hour than it begins; the whole day is 0 to 24."
        : time.Weekdays?.Any(day => day is < 1 or > 7) is true ? "Weekdays are 1 (Monday) to 7 (Sunday)."
        : time.Months?.Any(month => month is < 1 or > 12) is true ? "Months are 1 to 12."
        : null;

    private static bool IsPrice(decimal? price, int lowest) => price >= lowest && price <= HighestPrice && decimal.Round(price.Value, MostDecimals) == price;
}
