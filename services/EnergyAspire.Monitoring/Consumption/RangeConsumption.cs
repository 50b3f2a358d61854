using System.Globalization;
using System.Text.Json.Serialization;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>A device's consumption in a range of dates at its site.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="StartDate">First date in the zone <c>time_zone</c>.</param>
/// <param name="EndDate">Last date, inclusive.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="Granularity">How long the periods are.</param>
/// <param name="Data">Every period of the range in order, including those without readings. Their sums are exactly the totals.</param>
/// <param name="TotalConsumption">Sum in kWh.</param>
/// <param name="MeasurementCount">Number of readings in the sum.</param>
/// <param name="ExpectedCount">Number of readings expected by now.</param>
/// <param name="TotalCost">Cost of the hours with a price, without base prices, not rounded; null when there is no reading in such an hour.</param>
/// <param name="UnpricedConsumption">kWh of the hours without a price, which are not in <c>total_cost</c>.</param>
/// <param name="BaseCost">Base prices of the tariffs for the dates that have begun, not rounded; null when none has one.</param>
/// <param name="Currency">Currency of the costs, ISO 4217; null for the installation's.</param>
/// <param name="Direction"><c>consumption</c>, or <c>production</c> for a device that gives energy. The cost of its energy is negative.</param>
public sealed record RangeConsumption(
    Guid DeviceId, DateOnly StartDate, DateOnly EndDate, string TimeZone, Granularity Granularity, IReadOnlyList<PeriodOfRange> Data,
    decimal TotalConsumption, int MeasurementCount, int ExpectedCount, decimal? TotalCost, decimal UnpricedConsumption, decimal? BaseCost, string? Currency,
    string Direction)
{
    /// <summary>Creates the response for a range, by period.</summary>
    public static RangeConsumption From(DeviceConsumption range) => new(
        range.Device.Id, range.First, range.Last, range.Device.TimeZone, range.Granularity,
        [.. range.Periods.Select(period => PeriodOfRange.From(period, range))],
        Energy.ToKilowattHours(range.Energy), range.ReadingCount, range.ExpectedCount, range.Cost, Energy.ToKilowattHours(range.UnpricedEnergy),
        range.BaseCost, range.Currency, range.Device.Direction ?? EnergyDirection.Consumption);
}

/// <summary>A clock hour, date or month of a range.</summary>
/// <param name="TotalConsumption">Sum in kWh; not meaningful when <c>is_measured</c> is false.</param>
/// <param name="MeasurementCount">Number of readings whose interval starts in the period.</param>
/// <param name="ExpectedCount">Number of readings that should have started in it by now; more than <c>measurement_count</c> when readings are missing.</param>
/// <param name="IsMeasured">Whether a reading covers a part of the period. A reading whose interval started earlier can cover it too.</param>
/// <param name="IsExpected">Whether the device existed in a part of the period that has passed, so that something should be measured.</param>
/// <param name="Cost">Cost of the hours with a price, not rounded; null when there is no reading in such an hour.</param>
public sealed record PeriodOfRange(decimal TotalConsumption, int MeasurementCount, int ExpectedCount, bool IsMeasured, bool IsExpected, decimal? Cost)
{
    /// <summary>Month as <c>YYYY-MM</c>; only by month. Dates outside the range are not included in its sums.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public string? Month { get; init; }

    /// <summary>Date at the site; by hour and by day.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public DateOnly? Date { get; init; }

    /// <summary>Hour on the site's clock, 0 to 23; only by hour. It occurs twice when the clock is set back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public int? Hour { get; init; }

    /// <summary>When the hour starts, with the site's offset; only by hour.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public DateTimeOffset? Start { get; init; }

    /// <summary>Limit in kWh that was valid when the hour started; only by hour.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? MaxConsumption { get; init; }

    /// <summary>Base prices of the tariffs for the dates of the period that have begun, not rounded; null when none has one. By day and by month.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? BaseCost { get; init; }

    internal static PeriodOfRange From(PeriodConsumption period, DeviceConsumption range)
    {
        var sums = new PeriodOfRange(Energy.ToKilowattHours(period.Energy), period.ReadingCount, period.ExpectedCount, period.IsMeasured, period.IsExpected, period.Cost);
        var (date, start) = (period.Period.Date, TimeZoneInfo.ConvertTime(period.Period.Start, range.Zone));

        return range.Granularity switch
        {
            Granularity.Hour => sums with { Date = date, Hour = start.Hour, Start = start, MaxConsumption = range.Device.LimitAt(start) },
            Granularity.Day => sums with { Date = date, BaseCost = period.BaseCost },
            _ => sums with { Month = date.ToString("yyyy-MM", CultureInfo.InvariantCulture), BaseCost = period.BaseCost },
        };
    }
}
