using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Prices;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Base prices of a device's dates.</summary>
internal static class BaseCosts
{
    /// <summary>
    /// Adds up the base prices of the dates that start in some times; null when none has one. So a date counts for who had the device when it started. A
    /// date before the device was registered counts only when the device was given the tariff explicitly from then on.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="schedule">Its prices.</param>
    /// <param name="times">Visible times, sorted and disjoint.</param>
    public static decimal? Of(DeviceReplica device, PriceSchedule schedule, IEnumerable<VisibleSpan> times)
    {
        if (schedule.Entries is [])
            return null;

        decimal? cost = null;
        foreach (var (from, until) in times)
        {
            for (var date = SiteClock.DateAt(from, schedule.Zone); SiteClock.Day(date, schedule.Zone).Start is var start && start < until; date = date.AddDays(1))
            {
                if (start >= from && !(device.IsDeleted && device.DeletedAt <= start) && (!(device.ExistsFrom > start) || schedule.IsGivenOn(date)) && schedule.BaseOn(date) is { } price)
                    cost = (cost ?? 0) + price;
            }
        }

        return cost;
    }
}
