using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>What a device consumed in a period.</summary>
/// <param name="Period">Period at the device's site.</param>
/// <param name="Energy">Milliwatt-hours.</param>
/// <param name="ReadingCount">Readings that it is the sum of.</param>
/// <param name="ExpectedCount">Readings that should have come by now.</param>
public readonly record struct PeriodConsumption(SitePeriod Period, long Energy, int ReadingCount, int ExpectedCount)
{
    /// <summary>Says beside a period's sums how many readings its meter should have sent by now.</summary>
    public static PeriodConsumption Of(SitePeriod period, long energy, int readingCount, int intervalSeconds, DateTimeOffset now) =>
        new(period, energy, readingCount, ExpectedReadings.Between(period.Start, period.End < now ? period.End : now, intervalSeconds));
}

/// <summary>What a device consumed in a range of dates at its site, period by period.</summary>
/// <param name="Device">Device.</param>
/// <param name="First">First date.</param>
/// <param name="Last">Last date, part of the range.</param>
/// <param name="Granularity">How long the periods are.</param>
/// <param name="Periods">Every period of the range in order, those without readings too.</param>
public sealed record DeviceConsumption(
    DeviceReplica Device, DateOnly First, DateOnly Last, Granularity Granularity, IReadOnlyList<PeriodConsumption> Periods)
{
    /// <summary>Zone of the site.</summary>
    public TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById(Device.TimeZone);

    /// <summary>Sum in milliwatt-hours.</summary>
    public long Energy => Periods.Sum(period => period.Energy);

    /// <summary>Readings that it is the sum of.</summary>
    public int ReadingCount => Periods.Sum(period => period.ReadingCount);

    /// <summary>Readings that should have come by now.</summary>
    public int ExpectedCount => Periods.Sum(period => period.ExpectedCount);

    /// <summary>Whether the range is over, so that only a late reading can change it.</summary>
    public bool IsPast(DateTimeOffset now) => SiteClock.Day(Last, Zone).End <= now;
}
