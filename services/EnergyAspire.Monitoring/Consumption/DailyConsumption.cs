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
    /// <summary>Shows a date's consumption by hour.</summary>
    public static DailyConsumption From(DeviceConsumption day) => new(
        day.Device.Id, day.First, day.Device.TimeZone,
        [.. day.Periods.Select(hour =>
        {
            var local = TimeZoneInfo.ConvertTime(hour.Period.Start, day.Zone);
            return new HourOfDay(local.Hour, local, Energy.ToKilowattHours(hour.Energy), hour.ReadingCount, hour.ExpectedCount);
        })],
        Energy.ToKilowattHours(day.Energy), day.ReadingCount, day.ExpectedCount);
}

/// <summary>A clock hour of a date.</summary>
/// <param name="Hour">Hour on the site's clock, 0 to 23; the same twice where the clock is set back.</param>
/// <param name="Start">When it starts, with the site's offset.</param>
/// <param name="TotalConsumption">Sum in kWh; says nothing when <paramref name="MeasurementCount"/> is 0.</param>
/// <param name="MeasurementCount">Readings that it is the sum of.</param>
/// <param name="ExpectedCount">Readings that should have come by now; fewer came where some are missing.</param>
public sealed record HourOfDay(int Hour, DateTimeOffset Start, decimal TotalConsumption, int MeasurementCount, int ExpectedCount);
