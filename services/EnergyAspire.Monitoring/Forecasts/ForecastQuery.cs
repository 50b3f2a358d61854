using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Prices;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Forecasts;

/// <summary>The running month of a device, as far as it is measured and visible, and what is expected of the rest.</summary>
/// <param name="Device">Device.</param>
/// <param name="Month">First date of the month at the site.</param>
/// <param name="Measured">What was measured of the month.</param>
/// <param name="BaseCostSoFar">Base prices of the month's dates that have begun; null without any.</param>
/// <param name="BaseCost">Base prices of all dates of the month; null without any.</param>
/// <param name="Currency">Currency of the costs, ISO 4217; null for the installation's.</param>
/// <param name="Rest">What is expected to come; null when there is no forecast.</param>
/// <param name="Forecast">Forecast of the energy; null when there is none.</param>
/// <param name="Reason">One of <see cref="NoForecast"/>; null when there is a forecast.</param>
/// <param name="MissingHours">Hours of the month that are over and not completely measured.</param>
/// <param name="HistoryHours">Completely measured hours of the last 12 weeks.</param>
internal sealed record DeviceForecast(
    DeviceReplica Device, DateOnly Month, PricedEnergy Measured, decimal? BaseCostSoFar, decimal? BaseCost, string? Currency, PricedEnergy? Rest, MonthForecast? Forecast, string? Reason, int MissingHours, int HistoryHours);

/// <summary>Energy with its cost.</summary>
/// <param name="Energy">Milliwatt-hours.</param>
/// <param name="Cost">Cost of the hours with a price; null when there is no such hour.</param>
/// <param name="UnpricedEnergy">Milliwatt-hours of the hours without a price.</param>
internal readonly record struct PricedEnergy(decimal Energy, decimal? Cost, decimal UnpricedEnergy)
{
    /// <summary>Adds up hours.</summary>
    /// <param name="hours">Start and milliwatt-hours of each hour.</param>
    /// <param name="priceAt">Returns the price per kWh of a clock hour that starts at a time; null when unknown.</param>
    public static PricedEnergy Of(IEnumerable<(DateTimeOffset Start, decimal Energy)> hours, Func<DateTimeOffset, decimal?> priceAt)
    {
        var sum = default(PricedEnergy);
        foreach (var (start, energy) in hours)
        {
            sum = priceAt(start) is { } price
                ? sum with { Energy = sum.Energy + energy, Cost = (sum.Cost ?? 0) + (energy / Hours.Energy.MilliwattHoursPerKilowattHour * price) }
                : sum with { Energy = sum.Energy + energy, UnpricedEnergy = sum.UnpricedEnergy + energy };
        }

        return sum;
    }
}

/// <summary>Reasons why there is no forecast. The names are part of the API.</summary>
internal static class NoForecast
{
    /// <summary>Less than two weeks are known.</summary>
    public const string TooLittleHistory = "too_little_history";

    /// <summary>The device is deleted, or no longer the caller's.</summary>
    public const string Ended = "ended";
}

/// <summary>Makes the forecast of a device's running month.</summary>
internal static class ForecastQuery
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Reads the hours that the caller may see and makes the forecast.</summary>
    public static async Task<DeviceForecast> ForecastAsync(this MonitoringDbContext db, VisibleDevice visible, DateTimeOffset now, CancellationToken cancel)
    {
        var device = visible.Device;
        var zone = TimeZoneInfo.FindSystemTimeZoneById(device.TimeZone);
        var schedule = (await db.PriceSchedulesAsync([device], cancel))[device.Id];
        var today = SiteClock.DateAt(now, zone);
        var month = new DateOnly(today.Year, today.Month, 1);
        var (start, end) = (SiteClock.Day(month, zone).Start, SiteClock.Day(month.AddMonths(1), zone).Start);

        var times = visible.Within(SiteClock.Day(month.AddMonths(-PastForecasts.Months).AddDays(-PastForecasts.ProfileDays), zone).Start, end).ToList();
        var rows = await RowsAsync(db, device.Id, times, cancel);
        var measured = rows.Where(row => row.HourStart >= start).ToDictionary(row => row.HourStart);

        var hours = SitePeriods.Of(month, month.AddMonths(1).AddDays(-1), Granularity.Hour, zone)
            .Where(hour => times.Exists(span => hour.Start >= span.From && hour.Start < span.Until) && device.Existed(hour.Start, hour.End)).ToList();
        var open = hours
            .Select(hour => (hour.End, Open: new OpenHour(
                hour.Start, KnownHour.HourOfWeekAt(hour.Start, zone), MissingShare(device, hour.Start, hour.End, measured.GetValueOrDefault(hour.Start)?.ReadingCount, now))))
            .Where(hour => hour.Open.Share > 0).ToList();

        var known = rows.Where(row => row.HourStart + Hour <= now && MissingShare(device, row.HourStart, row.HourStart + Hour, row.ReadingCount, now, isImported: device.ExistsFrom > row.HourStart) == 0)
            .Select(row => KnownHour.At(row.HourStart, row.Energy, zone)).ToArray();
        List<OpenHour> rest = open.ConvertAll(hour => hour.Open);
        var hasEnded = !hours.Exists(hour => hour.End > now);
        var forecast = hasEnded ? null : MonthForecast.Of(known, rest, now, today, zone);

        return new DeviceForecast(
            device, month, PricedEnergy.Of(measured.Values.Select(row => (row.HourStart, (decimal)row.Energy)), schedule.At),
            BaseCosts.Of(visible, schedule, start, now).Sum(), BaseCosts.Of(visible, schedule, start, end).Sum(), schedule.Currency,
            forecast is null ? null : PricedEnergy.Of(rest.Zip(forecast.Energies, (hour, energy) => (hour.Start, (decimal)energy)), schedule.At),
            forecast, hasEnded ? NoForecast.Ended : forecast is null ? NoForecast.TooLittleHistory : null, open.Count(hour => hour.End <= now),
            known.Count(hour => hour.Start >= SiteClock.Day(today.AddDays(-PastForecasts.ProfileDays), zone).Start));
    }

    private static async Task<List<HourRow>> RowsAsync(MonitoringDbContext db, Guid device, List<VisibleSpan> times, CancellationToken cancel)
    {
        if (times is [])
            return [];

        var (from, until) = (times.Min(span => span.From), times.Max(span => span.Until));
        // The columns are those of the covering index of past months. The conditions on constants let PostgreSQL choose partitions when it plans.
        return await db.Database.SqlQuery<HourRow>($"""
            select hour_start, energy, reading_count
            from hourly_consumption
            join unnest({times.Select(span => span.From).ToArray()}, {times.Select(span => span.Until).ToArray()}) as visible (since, until)
                on hour_start >= since and hour_start < until
            where device_id = {device} and hour_start >= {from} and hour_start < {until}
            order by hour_start
            """).ToListAsync(cancel);
    }

    /// <summary>Returns the share of an hour whose readings haven't come.</summary>
    /// <param name="readings">Number of readings that start in it; null when none covers any part of it.</param>
    /// <param name="isImported">Whether readings are expected although the device wasn't registered yet.</param>
    private static double MissingShare(
        DeviceReplica device, DateTimeOffset start, DateTimeOffset end, int? readings, DateTimeOffset now, bool isImported = false)
    {
        if (readings is not { } count)
            return 1;
        // A reading of a register or of a longer interval covers hours in which none starts.
        if (device.RegisterDigits is not null || device.Settings.IntervalAt(device.ReportingIntervalSeconds, start) > Hour.TotalSeconds)
            return start < now && now < end ? (end - now) / (end - start) : 0;

        var expected = isImported ? device.Settings.ExpectedReadings(device.ReportingIntervalSeconds, start, end) : device.ExpectedReadings(start, end);
        return count >= expected ? 0 : 1 - ((double)count / expected);
    }

    private sealed record HourRow(DateTimeOffset HourStart, long Energy, int ReadingCount);
}
