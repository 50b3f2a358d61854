using CsCheck;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Tests.Consumption;

public sealed class SitePeriodsTests
{
    private static readonly TimeZoneInfo[] Zones = [.. TimeZoneInfo.GetSystemTimeZones()];

    private static readonly Gen<TimeZoneInfo> AnyZone = Gen.Int[0, Zones.Length - 1].Select(index => Zones[index]);

    private static readonly Gen<DateOnly> AnyDate = Gen.Int[0, 80 * 365].Select(days => new DateOnly(1970, 1, 1).AddDays(days));

    [Fact]
    public void Hours_days_and_months_of_any_range_in_any_zone_tile_the_same_time() =>
        Gen.Select(AnyZone, AnyDate, Gen.Int[0, 70]).Sample((zone, first, days) =>
        {
            var last = first.AddDays(days);
            var (start, end) = (SiteClock.Day(first, zone).Start, SiteClock.Day(last, zone).End);

            return Enum.GetValues<Granularity>().All(granularity =>
            {
                var periods = SitePeriods.Of(first, last, granularity, zone).ToList();
                return periods.Count == 0
                    ? start == end
                    : periods[0].Start == start && periods[^1].End == end && periods.TrueForAll(period => period.Start < period.End)
                        && periods.Skip(1).Select(period => period.Start).SequenceEqual(periods.SkipLast(1).Select(period => period.End));
            });
        });

    [Fact]
    public void Every_zone_s_hours_lie_on_the_date_and_month_that_its_own_clock_shows()
    {
        // Years with old rules, the present ones, and rules that are yet to come.
        foreach (var year in (int[])[1975, 2011, 2026, 2045])
        {
            Assert.All(Zones, zone =>
            {
                var (first, last) = (new DateOnly(year, 1, 1), new DateOnly(year, 12, 31));
                var days = SitePeriods.Of(first, last, Granularity.Day, zone).ToList();

                Assert.All(days, day =>
                {
                    Assert.Equal(day.Date, SiteClock.DateAt(day.Start, zone));
                    Assert.Equal(day.Date, SiteClock.DateAt(day.End.AddTicks(-1), zone));
                });
                Assert.Equal(12, SitePeriods.Of(first, last, Granularity.Month, zone).Count());
            });
        }
    }

    [Fact]
    public void A_month_has_only_the_dates_within_the_range()
    {
        var months = SitePeriods.Of(new DateOnly(2026, 1, 30), new DateOnly(2026, 3, 2), Granularity.Month, TimeZoneInfo.Utc).ToList();

        Assert.Equal([2, 28, 2], months.Select(month => (month.End - month.Start).Days));
    }

    [Fact]
    public void A_date_that_the_zone_jumped_over_has_no_period()
    {
        var apia = TimeZoneInfo.FindSystemTimeZoneById("Pacific/Apia");

        var days = SitePeriods.Of(new DateOnly(2011, 12, 29), new DateOnly(2011, 12, 31), Granularity.Day, apia);

        Assert.Equal([29, 31], days.Select(day => day.Date.Day));
    }
}
