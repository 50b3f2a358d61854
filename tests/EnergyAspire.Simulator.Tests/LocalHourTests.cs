using CsCheck;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Tests;

public sealed class LocalHourTests
{
    private static readonly TimeZoneInfo[] Zones = [.. TimeZoneInfo.GetSystemTimeZones()];
    private static readonly long From = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long To = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    [Fact]
    public void Hours_start_where_monitoring_starts_them_in_every_zone() =>
        Gen.Select(Gen.Int[0, Zones.Length - 1].Select(number => Zones[number]), Gen.Long[From, To]).Sample(
            (zone, second) => LocalHour.StartOf(At(second), zone) == SiteClock.HourStart(At(second), zone), iter: 100_000);

    [Fact]
    public void Hours_start_where_monitoring_starts_them_around_every_clock_change()
    {
        foreach (var zone in Zones)
        {
            for (var day = At(From); day < At(To); day = day.AddDays(1))
            {
                if (zone.GetUtcOffset(day) == zone.GetUtcOffset(day.AddDays(1)))
                    continue;

                for (var time = day.AddHours(-2); time < day.AddHours(26); time = time.AddMinutes(5))
                    Assert.Equal(SiteClock.HourStart(time, zone), LocalHour.StartOf(time, zone));
            }
        }
    }

    [Theory]
    [InlineData("2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29T00:00:00Z")]
    [InlineData("2026-10-25T01:30:00Z", "Europe/Berlin", "2026-10-25T01:00:00Z")]
    [InlineData("2026-03-29T00:40:00Z", "Asia/Kolkata", "2026-03-29T00:30:00Z")]
    [InlineData("2026-10-03T15:10:00Z", "Australia/Lord_Howe", "2026-10-03T14:30:00Z")]
    [InlineData("2026-10-03T15:40:00Z", "Australia/Lord_Howe", "2026-10-03T15:30:00Z")]
    public void An_hour_starts_when_the_local_clock_says_so(string instant, string zone, string start) =>
        Assert.Equal(DateTimeOffset.Parse(start), LocalHour.StartOf(DateTimeOffset.Parse(instant), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    private static DateTimeOffset At(long second) => DateTimeOffset.FromUnixTimeSeconds(second);
}
