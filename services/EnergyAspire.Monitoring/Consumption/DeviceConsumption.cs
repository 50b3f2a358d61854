using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>What a device consumed in a period.</summary>
/// <param name="Period">Period at the device's site.</param>
/// <param name="Energy">Milliwatt-hours.</param>
/// <param name="ReadingCount">Number of readings that start in it.</param>
/// <param name="ExpectedCount">Number of readings that should start in it by now.</param>
/// <param name="Cost">
/// Cost of the hours with a price, without base prices, not rounded; null when there is no reading in such an hour. Each hour has the price that was
/// valid at its start.
/// </param>
/// <param name="BaseCost">Base prices of the dates that start in the period and have begun, not rounded; null when none has one.</param>
/// <param name="UnpricedEnergy">Milliwatt-hours of the hours without a price.</param>
/// <param name="IsMeasured">Whether any reading has a share in the period.</param>
/// <param name="IsExpected">Whether the device existed in a part of the period that has passed and is visible, so that something should be measured.</param>
public readonly record struct PeriodConsumption(
    SitePeriod Period, long Energy, int ReadingCount, int ExpectedCount, decimal? Cost, decimal? BaseCost, long UnpricedEnergy, bool IsMeasured, bool IsExpected)
{
    /// <summary>Creates a period of a device, in whose visible times alone readings are expected.</summary>
    internal static PeriodConsumption Of(SitePeriod period, PeriodTotal total, VisibleDevice visible, decimal? baseCost, DateTimeOffset now)
    {
        var times = visible.Within(period.Start, period.End < now ? period.End : now).ToList();
        return new PeriodConsumption(
            period, total.Energy, total.ReadingCount, times.Sum(span => visible.Device.ExpectedReadings(span.From, span.Until)), total.Cost,
            baseCost, total.UnpricedEnergy,
            total.IsMeasured, times.Exists(span => visible.Device.Existed(span.From, span.Until)));
    }
}

/// <summary>Sums of a period.</summary>
internal record struct PeriodTotal(long Energy, int ReadingCount, decimal? Cost, long UnpricedEnergy, bool IsMeasured)
{
    /// <summary>Adds hours that have the same price.</summary>
    public void Add(long energy, int readingCount, decimal? price)
    {
        Energy += energy;
        ReadingCount += readingCount;
        IsMeasured = true;
        if (price is { } perKilowattHour)
            Cost = (Cost ?? 0) + (Hours.Energy.ToKilowattHours(energy) * perKilowattHour);
        else
            UnpricedEnergy += energy;
    }
}

/// <summary>What a device consumed in a range of dates at its site, period by period.</summary>
/// <param name="Device">Device.</param>
/// <param name="First">First date.</param>
/// <param name="Last">Last date, inclusive.</param>
/// <param name="Granularity">How long the periods are.</param>
/// <param name="Currency">Currency of the costs, ISO 4217; null for the installation's.</param>
/// <param name="Periods">Every period of the range in order, including those without readings.</param>
public sealed record DeviceConsumption(
    DeviceReplica Device, DateOnly First, DateOnly Last, Granularity Granularity, string? Currency, IReadOnlyList<PeriodConsumption> Periods)
{
    /// <summary>Zone of the site.</summary>
    public TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById(Device.TimeZone);

    /// <summary>Sum in milliwatt-hours.</summary>
    public long Energy => Periods.Sum(period => period.Energy);

    /// <summary>Number of readings in the sum.</summary>
    public int ReadingCount => Periods.Sum(period => period.ReadingCount);

    /// <summary>Cost of the hours with a price; null when there is no reading in such an hour.</summary>
    public decimal? Cost => Periods.Any(period => period.Cost is not null) ? Periods.Sum(period => period.Cost) : null;

    /// <summary>Base prices of the dates that have begun; null when none has one.</summary>
    public decimal? BaseCost => Periods.Any(period => period.BaseCost is not null) ? Periods.Sum(period => period.BaseCost) : null;

    /// <summary>Milliwatt-hours of the hours without a price.</summary>
    public long UnpricedEnergy => Periods.Sum(period => period.UnpricedEnergy);

    /// <summary>Number of readings expected by now.</summary>
    public int ExpectedCount => Periods.Sum(period => period.ExpectedCount);

    /// <summary>Whether the range is over. Afterwards only late readings change it.</summary>
    public bool IsPast(DateTimeOffset now) => SiteClock.Day(Last, Zone).End <= now;
}
