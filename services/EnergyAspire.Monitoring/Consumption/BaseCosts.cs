using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Prices;
using EnergyAspire.Monitoring.Queries;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Base prices of a device's dates.</summary>
internal static class BaseCosts
{
    /// <summary>
    /// Returns the base prices of the dates that start in a span of time, in order. A date counts for who had the device when it started. A date before the
    /// device was registered counts only when the device was given the tariff explicitly from then on.
    /// </summary>
    /// <param name="visible">The device, and when the caller may see it.</param>
    /// <param name="schedule">Its prices.</param>
    /// <param name="from">Start of the span.</param>
    /// <param name="until">End of the span, exclusive.</param>
    public static IEnumerable<(DateTimeOffset Start, decimal Price)> Of(VisibleDevice visible, PriceSchedule schedule, DateTimeOffset from, DateTimeOffset until)
    {
        if (schedule.Entries is [])
            yield break;

        var device = visible.Device;
        foreach (var span in visible.Within(from, until))
        {
            for (var date = SiteClock.DateAt(span.From, schedule.Zone); SiteClock.Day(date, schedule.Zone) is var (start, end) && start < span.Until; date = date.AddDays(1))
            {
                // A date that the zone skipped has no length.
                if (start >= span.From && start < end && !(device.IsDeleted && device.DeletedAt <= start)
                    && (!(device.ExistsFrom > start) || schedule.IsGivenOn(date)) && schedule.BaseOn(date) is { } price)
                    yield return (start, price);
            }
        }
    }

    /// <summary>Adds up base prices; null when there are none.</summary>
    public static decimal? Sum(this IEnumerable<(DateTimeOffset Start, decimal Price)> prices) =>
        prices.Aggregate((decimal?)null, (sum, price) => (sum ?? 0) + price.Price);
}
