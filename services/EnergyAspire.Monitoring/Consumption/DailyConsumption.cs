using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>A device's consumption on a date at its site.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="Date">Date in <paramref name="TimeZone"/>.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="HourlyData">Every clock hour of the date in order, 23 to 25 of them.</param>
/// <param name="TotalDailyConsumption">Sum in kWh.</param>
/// <param name="MeasurementCount">Readings that it is the sum of.</param>
/// <param name="ExpectedCount">Readings that should have come by now.</param>
public sealed record DailyConsumption(
    Guid DeviceId, DateOnly Date, string TimeZone, IReadOnlyList<HourOfDay> HourlyData, decimal TotalDailyConsumption, int MeasurementCount,
    int ExpectedCount)
{
    /// <summary>Lays the stored hours over the clock hours of the date.</summary>
    public static DailyConsumption From(
        DeviceReplica device, DateOnly date, IReadOnlyDictionary<DateTimeOffset, HourlyConsumption> stored, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(device.TimeZone);
        var hours = SiteClock.HoursOf(date, zone).Select(start =>
        {
            var local = TimeZoneInfo.ConvertTime(start, zone);
            var hour = stored.GetValueOrDefault(start);
            var end = SiteClock.NextHour(start, zone);
            var expected = ExpectedReadings.Between(start, end < now ? end : now, device.ReportingIntervalSeconds);

            return new HourOfDay(local.Hour, local, Energy.ToKilowattHours(hour?.Energy ?? 0), hour?.ReadingCount ?? 0, expected);
        }).ToList();

        return new DailyConsumption(
            device.Id, date, device.TimeZone, hours,
            hours.Sum(hour => hour.TotalConsumption), hours.Sum(hour => hour.MeasurementCount), hours.Sum(hour => hour.ExpectedCount));
    }
}

/// <summary>A clock hour of a date.</summary>
/// <param name="Hour">Hour on the site's clock, 0 to 23; the same twice where the clock is set back.</param>
/// <param name="Start">When it starts, with the site's offset.</param>
/// <param name="TotalConsumption">Sum in kWh; says nothing when <paramref name="MeasurementCount"/> is 0.</param>
/// <param name="MeasurementCount">Readings that it is the sum of.</param>
/// <param name="ExpectedCount">Readings that should have come by now; fewer came where some are missing.</param>
public sealed record HourOfDay(int Hour, DateTimeOffset Start, decimal TotalConsumption, int MeasurementCount, int ExpectedCount);

/// <summary>Conversion between stored energy and the unit of the wire.</summary>
public static class Energy
{
    /// <summary>Milliwatt-hours in a kilowatt-hour.</summary>
    public const decimal MilliwattHoursPerKilowattHour = 1_000_000;

    /// <summary>Returns kWh, exactly.</summary>
    public static decimal ToKilowattHours(long milliwattHours) => milliwattHours / MilliwattHoursPerKilowattHour;
}

/// <summary>How many readings a device should send.</summary>
public static class ExpectedReadings
{
    /// <summary>Counts the intervals that start in a span of time, for a meter whose intervals are aligned to midnight UTC, 1 January 1970.</summary>
    /// <param name="start">Start of the span.</param>
    /// <param name="end">End of the span, exclusive; at or before the start nothing is expected.</param>
    /// <param name="intervalSeconds">Seconds between two readings.</param>
    public static int Between(DateTimeOffset start, DateTimeOffset end, int intervalSeconds)
    {
        if (end <= start)
            return 0;

        var interval = intervalSeconds * TimeSpan.TicksPerSecond;
        return (int)(IntervalsBefore(end) - IntervalsBefore(start));

        long IntervalsBefore(DateTimeOffset instant) => ((instant - DateTimeOffset.UnixEpoch).Ticks + interval - 1) / interval;
    }
}
