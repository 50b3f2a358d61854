using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Prices;

/// <summary>What a tariff says about dates and hours on a site's clock.</summary>
internal static class TariffPricing
{
    // A share of a month's base price has at most this many decimals.
    private const int Decimals = 10;

    /// <summary>Returns the prices that are valid on a date; null when there are none.</summary>
    public static TariffPrices? PricesOn(this TariffReplica tariff, DateOnly date) =>
        date > tariff.ValidUntil ? null : tariff.Prices.LastOrDefault(prices => prices.From is null || prices.From <= date);

    /// <summary>Returns the price per kWh of a clock hour.</summary>
    /// <param name="date">Date to which the hour belongs.</param>
    /// <param name="hour">The hour, 0 to 23.</param>
    public static decimal UnitPriceAt(this TariffPrices prices, DateOnly date, int hour) =>
        prices.Times.FirstOrDefault(time => time.Contains(date, hour))?.UnitPrice ?? prices.UnitPrice;

    /// <summary>Returns the base price of a date: that of a day, and its share of the month's, whose shares add up to exactly the month's base price.</summary>
    public static decimal BasePriceOf(this TariffPrices prices, DateOnly date)
    {
        var days = DateTime.DaysInMonth(date.Year, date.Month);
        return prices.BasePricePerDay + UpTo(date.Day) - UpTo(date.Day - 1);

        decimal UpTo(int day) => day == days ? prices.BasePricePerMonth : decimal.Round(prices.BasePricePerMonth * day / days, Decimals);
    }

    /// <summary>Returns the hours of a day at which a price may change, in order, the first one included.</summary>
    public static IEnumerable<int> Boundaries(this TariffPrices prices) =>
        prices.Times.SelectMany(time => new[] { time.FromHour, time.UntilHour % 24 }).Append(0).Distinct().Order();

    /// <summary>Whether an hour of a date is in a time of use.</summary>
    public static bool Contains(this TariffTime time, DateOnly date, int hour) =>
        (time.FromHour < time.UntilHour ? hour >= time.FromHour && hour < time.UntilHour : hour >= time.FromHour || hour < time.UntilHour)
        && (time.Weekdays is [] || time.Weekdays.Contains(date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek))
        && (time.Months is [] || time.Months.Contains(date.Month));
}
