using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Tests;

public sealed class ReadingScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly IReadOnlyList<Meter> Meters =
        [.. Enumerable.Range(0, 4).Select(number => new Meter(Noise.DeviceId(0, number), 0.25, TimeZoneInfo.Utc))];

    [Fact]
    public void Every_meter_reports_every_whole_interval_between_start_and_end_once()
    {
        var readings = new ReadingSchedule(Meters, TimeSpan.FromMinutes(10), Noon, Noon.AddDays(1)).Readings().ToList();

        Assert.Equal(4 * 144, readings.Count);
        Assert.Equal(readings.Count, readings.DistinctBy(reading => (reading.Meter, reading.Timestamp)).Count());
        Assert.Equal(Noon, readings[0].Timestamp);
        Assert.Equal(Noon.AddDays(1).AddMinutes(-10), readings[^1].Timestamp);
    }

    [Fact]
    public void Intervals_start_at_multiples_of_their_length()
    {
        var schedule = new ReadingSchedule(Meters, Minute, Noon.AddSeconds(20.5), end: null);

        Assert.Equal(Noon.AddMinutes(1), schedule.First);
        Assert.Equal(Noon.AddMinutes(1), schedule.Readings().First().Timestamp);
    }

    [Fact]
    public void An_interval_is_reported_when_it_is_over_and_the_meters_take_turns()
    {
        var due = new ReadingSchedule(Meters, Minute, Noon, end: null).Readings().Take(8).Select(reading => reading.Due - Noon);

        Assert.Equal([60, 75, 90, 105, 120, 135, 150, 165], due.Select(time => time.TotalSeconds));
    }

    [Fact]
    public void Readings_come_in_the_order_they_are_due()
    {
        var due = new ReadingSchedule(Meters, TimeSpan.FromSeconds(7), Noon, Noon.AddHours(1)).Readings().Select(reading => reading.Due).ToList();

        Assert.Equal(due.Order(), due);
    }
}
