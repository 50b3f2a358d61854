using CsCheck;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Tests.Hours;

public sealed class SiteClockTests
{
    private static readonly TimeZoneInfo[] Zones = [.. TimeZoneInfo.GetSystemTimeZones()];

    private static readonly Gen<TimeZoneInfo> AnyZone = Gen.Int[0, Zones.Length - 1].Select(index => Zones[index]);

    private static readonly Gen<DateOnly> AnyDate = Gen.Int[0, 80 * 365].Select(days => new DateOnly(1970, 1, 1).AddDays(days));

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29", 23)]
    [InlineData("Europe/Berlin", "2026-10-25", 25)]
    [InlineData("Europe/Berlin", "2026-06-01", 24)]
    [InlineData("Asia/Kolkata", "2026-03-29", 24)]
    // The clock is set back by half an hour, so one of the 25 hours lasts half an hour.
    [InlineData("Australia/Lord_Howe", "2026-04-05", 25)]
    // Midnight is skipped: the day starts at one o'clock.
    [InlineData("Africa/Cairo", "2026-04-24", 23)]
    // Midnight of the next day comes twice.
    [InlineData("America/Havana", "2026-11-01", 25)]
    // The clock changes an hour before midnight.
    [InlineData("America/Nuuk", "2026-03-28", 23)]
    [InlineData("America/Nuuk", "2026-10-24", 25)]
    public void A_day_has_the_hours_of_its_zone(string zone, string date, int hours) =>
        Assert.Equal(hours, SiteClock.HoursOf(DateOnly.Parse(date), TimeZoneInfo.FindSystemTimeZoneById(zone)).Count());

    [Theory]
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z")]
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z")]
    [InlineData("America/Nuuk", "2026-03-29", "2026-03-29T01:00:00Z")]
    [InlineData("America/Nuuk", "2026-10-25", "2026-10-25T02:00:00Z")]
    public void A_day_starts_at_its_first_instant(string zone, string date, string start) =>
        Assert.Equal(DateTimeOffset.Parse(start), SiteClock.Day(DateOnly.Parse(date), TimeZoneInfo.FindSystemTimeZoneById(zone)).Start);

    [Theory]
    [InlineData("Asia/Kolkata", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z")]
    // Half an hour of the clock hour was there before the clock was set back, and half an hour is skipped when it is set forward.
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z")]
    public void The_next_hour_starts_when_the_clock_shows_it(string zone, string hour, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next), SiteClock.NextHour(DateTimeOffset.Parse(hour), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    [Theory]
    [InlineData("Asia/Kolkata", "2026-03-29T00:50:00Z", "2026-03-29T00:30:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T00:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T01:00:00Z")]
    [InlineData("Asia/Kathmandu", "2026-01-01T00:00:00Z", "2025-12-31T23:15:00Z")]
    // 01:45 for the second time, after the clock was set back at 15:00Z.
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:15:00Z", "2026-04-04T15:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:00:00.5Z", "2026-04-04T15:00:00Z")]
    public void An_instant_belongs_to_the_clock_hour_of_its_zone(string zone, string instant, string hour) =>
        Assert.Equal(DateTimeOffset.Parse(hour), SiteClock.HourStart(DateTimeOffset.Parse(instant), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    [Fact]
    public void Days_of_every_zone_follow_each_other_without_gap_or_overlap() =>
        Gen.Select(AnyZone, AnyDate).Sample((zone, date) =>
            SiteClock.Day(date, zone).End == SiteClock.Day(date.AddDays(1), zone).Start
            && SiteClock.Day(date, zone).Start <= SiteClock.Day(date, zone).End);

    [Fact]
    public void Hours_of_every_zone_tile_their_day() =>
        Gen.Select(AnyZone, AnyDate).Sample((zone, date) =>
        {
            var (start, end) = SiteClock.Day(date, zone);
            var hours = SiteClock.HoursOf(date, zone).ToList();
            var ends = hours.Select(hour => SiteClock.NextHour(hour, zone)).ToList();

            // A zone that jumps over a whole date, as Samoa did, has no hours on it.
            return hours.Count == 0
                ? start == end
                : hours[0] == start && ends[^1] == end && hours.Skip(1).SequenceEqual(ends.SkipLast(1))
                    && hours.Zip(ends).All(hour => hour.Second > hour.First && hour.Second - hour.First <= TimeSpan.FromHours(1));
        });

    [Fact]
    public void Every_instant_lies_in_the_hour_that_it_is_counted_in() =>
        Gen.Select(AnyZone, AnyDate, Gen.Int[0, 86_399]).Sample((zone, date, second) =>
        {
            var instant = new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero).AddSeconds(second);
            var hour = SiteClock.HourStart(instant, zone);

            return hour <= instant && instant < SiteClock.NextHour(hour, zone) && SiteClock.HourStart(hour, zone) == hour;
        });
}
