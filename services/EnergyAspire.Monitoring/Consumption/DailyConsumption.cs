using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>A device's consumption on a date at its site.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="Date">Date in the zone <c>time_zone</c>.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="HourlyData">Every clock hour of the date in order, 23 to 25 of them.</param>
/// <param name="TotalDailyConsumption">Sum in kWh.</param>
/// <param name="MeasurementCount">Number of readings in the sum.</param>
/// <param name="ExpectedCount">Number of readings expected by now.</param>
/// <param name="TotalCost">Cost of the hours with a price, without base prices, not rounded; null when there is no reading in such an hour.</param>
/// <param name="UnpricedConsumption">kWh of the hours without a price, which are not in <c>total_cost</c>.</param>
/// <param name="BaseCost">Base prices of the tariffs for the dates that have begun, not rounded; null when none has one.</param>
/// <param name="Currency">Currency of the costs, ISO 4217; null for the installation's.</param>
/// <param name="Direction"><c>consumption</c>, or <c>production</c> for a device that gives energy. The cost of its energy is negative.</param>
public sealed record DailyConsumption(
    Guid DeviceId, DateOnly Date, string TimeZone, IReadOnlyList<HourOfDay> HourlyData, decimal TotalDailyConsumption, int MeasurementCount,
    int ExpectedCount, decimal? TotalCost, decimal UnpricedConsumption, decimal? BaseCost, string? Currency, string Direction)
{
    /// <summary>Creates the response for a date, by hour.</summary>
    public static DailyConsumption From(DeviceConsumption day) => new(
        day.Device.Id, day.First, day.Device.TimeZone,
        [.. day.Periods.Select(hour =>
        {
            var local = TimeZoneInfo.ConvertTime(hour.Period.Start, day.Zone);
            return new HourOfDay(local.Hour, local, Energy.ToKilowattHours(hour.Energy), hour.ReadingCount, hour.ExpectedCount, hour.IsMeasured, hour.IsExpected,
                day.Device.LimitAt(hour.Period.Start), hour.Cost);
        })],
        Energy.ToKilowattHours(day.Energy), day.ReadingCount, day.ExpectedCount, day.Cost, Energy.ToKilowattHours(day.UnpricedEnergy),
        day.BaseCost, day.Currency, day.Device.Direction ?? EnergyDirection.Consumption);
}

/// <summary>A clock hour of a date.</summary>
/// <param name="Hour">Hour on the site's clock, 0 to 23. It occurs twice when the clock is set back.</param>
/// <param name="Start">When it starts, with the site's offset.</param>
/// <param name="TotalConsumption">Sum in kWh; not meaningful when <c>is_measured</c> is false.</param>
/// <param name="MeasurementCount">Number of readings whose interval starts in the hour.</param>
/// <param name="ExpectedCount">Number of readings that should have started in it by now; more than <c>measurement_count</c> when readings are missing.</param>
/// <param name="IsMeasured">Whether a reading covers a part of the hour. A reading whose interval started in an earlier hour can cover it too.</param>
/// <param name="IsExpected">Whether the device existed in a part of the hour that has passed, so that something should be measured.</param>
/// <param name="MaxConsumption">Limit in kWh that was valid when the hour started.</param>
/// <param name="Cost">Cost at the price that was valid when the hour started, not rounded; null without readings or without a price.</param>
public sealed record HourOfDay(
    int Hour, DateTimeOffset Start, decimal TotalConsumption, int MeasurementCount, int ExpectedCount, bool IsMeasured,
    bool IsExpected, decimal MaxConsumption, decimal? Cost);
