using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Tests.Consumption;

public sealed class DailyConsumptionTests
{
    private static readonly DateTimeOffset LongAfter = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_repeated_hour_appears_twice_with_its_offsets()
    {
        var day = Day("Europe/Berlin", new DateOnly(2026, 10, 25), [], LongAfter);

        Assert.Equal(["02:00+02:00", "02:00+01:00"], day.HourlyData.Where(hour => hour.Hour == 2).Select(hour => hour.Start.ToString("HH:mmzzz")));
        Assert.Equal(25 * 6, day.ExpectedCount);
    }

    [Fact]
    public void A_missing_hour_is_told_from_an_hour_without_consumption()
    {
        var start = new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);
        var day = Day("UTC", new DateOnly(2026, 6, 1), [Hour(start, energy: 0, count: 6)], LongAfter);

        Assert.Equal((0m, 6, 6), (day.HourlyData[9].TotalConsumption, day.HourlyData[9].MeasurementCount, day.HourlyData[9].ExpectedCount));
        Assert.Equal((0, 6), (day.HourlyData[10].MeasurementCount, day.HourlyData[10].ExpectedCount));
    }

    [Fact]
    public void The_total_is_exact_to_the_milliwatt_hour()
    {
        var date = new DateOnly(2026, 6, 1);
        var hours = SiteClock.HoursOf(date, TimeZoneInfo.Utc).Select(start => Hour(start, energy: 100_001, count: 6)).ToArray();

        Assert.Equal(2.400024m, Day("UTC", date, hours, LongAfter).TotalDailyConsumption);
    }

    [Fact]
    public void The_running_hour_expects_the_intervals_that_have_begun()
    {
        var day = Day("UTC", new DateOnly(2026, 6, 1), [], new DateTimeOffset(2026, 6, 1, 9, 10, 1, TimeSpan.Zero));

        Assert.Equal([6, 2, 0], day.HourlyData.Skip(8).Take(3).Select(hour => hour.ExpectedCount));
    }

    [Theory]
    [InlineData(600, 6)]
    [InlineData(1, 3600)]
    [InlineData(86_400, 0)]
    public void Expected_readings_follow_the_reporting_interval(int interval, int expected)
    {
        var nine = new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);

        Assert.Equal(expected, ExpectedReadings.Between(nine, nine.AddHours(1), interval));
    }

    [Fact]
    public void An_interval_that_does_not_divide_the_hour_still_adds_up_over_the_day()
    {
        var midnight = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var byHour = Enumerable.Range(0, 24).Sum(hour => ExpectedReadings.Between(midnight.AddHours(hour), midnight.AddHours(hour + 1), 420));

        Assert.Equal(ExpectedReadings.Between(midnight, midnight.AddDays(1), 420), byHour);
    }

    private static (DateTimeOffset Start, long Energy, int Count) Hour(DateTimeOffset start, long energy, int count) => (start, energy, count);

    private static DailyConsumption Day(string zone, DateOnly date, (DateTimeOffset Start, long Energy, int Count)[] hours, DateTimeOffset now)
    {
        var device = new DeviceReplica
        {
            Id = Guid.Empty,
            Name = "Meter",
            Description = "",
            MaxConsumption = 1,
            TimeZone = zone,
            ReportingIntervalSeconds = 600,
            Version = 1,
            IsDeleted = false,
        };
        var visible = new VisibleDevice(device, VisibleDevice.Always);
        var periods = SitePeriods.Of(date, date, Granularity.Hour, TimeZoneInfo.FindSystemTimeZoneById(zone)).Select(period =>
        {
            var total = new PeriodTotal();
            if (Array.Find(hours, hour => hour.Start == period.Start) is (_, var energy, > 0 and var count))
                total.Add(energy, count, price: null);
            return PeriodConsumption.Of(period, total, visible, baseCost: null, now);
        });

        return DailyConsumption.From(new DeviceConsumption(device, date, date, Granularity.Hour, Currency: null, [.. periods]));
    }
}
