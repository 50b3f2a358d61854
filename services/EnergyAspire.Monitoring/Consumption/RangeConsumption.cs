using System.Globalization;
using System.Text.Json.Serialization;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>A device's consumption in a range of dates at its site.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="StartDate">First date in <paramref name="TimeZone"/>.</param>
/// <param name="EndDate">Last date, part of the range.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="Granularity">How long the periods are.</param>
/// <param name="Data">Every period of the range in order, those without readings too; they add up to the totals exactly.</param>
/// <param name="TotalConsumption">Sum in kWh.</param>
/// <param name="MeasurementCount">Readings that it is the sum of.</param>
/// <param name="ExpectedCount">Readings that should have come by now.</param>
public sealed record RangeConsumption(
    Guid DeviceId, DateOnly StartDate, DateOnly EndDate, string TimeZone, Granularity Granularity, IReadOnlyList<PeriodOfRange> Data,
    decimal TotalConsumption, int MeasurementCount, int ExpectedCount)
{
    /// <summary>Shows a range's consumption by period.</summary>
    public static RangeConsumption From(DeviceConsumption range) => new(
        range.Device.Id, range.First, range.Last, range.Device.TimeZone, range.Granularity,
        [.. range.Periods.Select(period => PeriodOfRange.From(period, range))],
        Energy.ToKilowattHours(range.Energy), range.ReadingCount, range.ExpectedCount);
}

/// <summary>A clock hour, date or month of a range.</summary>
/// <param name="TotalConsumption">Sum in kWh; says nothing when <paramref name="MeasurementCount"/> is 0.</param>
/// <param name="MeasurementCount">Readings that it is the sum of.</param>
/// <param name="ExpectedCount">Readings that should have come by now; fewer came where some are missing.</param>
public sealed record PeriodOfRange(decimal TotalConsumption, int MeasurementCount, int ExpectedCount)
{
    /// <summary>Month as <c>YYYY-MM</c>; only by month. Dates outside the range don't count.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public string? Month { get; init; }

    /// <summary>Date at the site; by hour and by day.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public DateOnly? Date { get; init; }

    /// <summary>Hour on the site's clock, 0 to 23, the same twice where the clock is set back; only by hour.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public int? Hour { get; init; }

    /// <summary>When the hour starts, with the site's offset; only by hour.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public DateTimeOffset? Start { get; init; }

    internal static PeriodOfRange From(PeriodConsumption period, DeviceConsumption range)
    {
        var sums = new PeriodOfRange(Energy.ToKilowattHours(period.Energy), period.ReadingCount, period.ExpectedCount);
        var (date, start) = (period.Period.Date, TimeZoneInfo.ConvertTime(period.Period.Start, range.Zone));

        return range.Granularity switch
        {
            Granularity.Hour => sums with { Date = date, Hour = start.Hour, Start = start },
            Granularity.Day => sums with { Date = date },
            _ => sums with { Month = date.ToString("yyyy-MM", CultureInfo.InvariantCulture) },
        };
    }
}
