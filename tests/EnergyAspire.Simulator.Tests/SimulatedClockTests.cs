using EnergyAspire.Simulator.Readings;
using Microsoft.Extensions.Time.Testing;

namespace EnergyAspire.Simulator.Tests;

public sealed class SimulatedClockTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 12, 34, 56, TimeSpan.Zero));

    [Fact]
    public void It_runs_with_the_real_clock_by_default()
    {
        var clock = new SimulatedClock(_time, start: null, acceleration: null);

        Assert.True(clock.IsLive);
        _time.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(_time.GetUtcNow(), clock.Now);
    }

    [Fact]
    public void Accelerated_it_starts_at_the_full_hour_a_day_ago()
    {
        var clock = new SimulatedClock(_time, start: null, acceleration: 60);

        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), clock.Start);
        Assert.False(clock.IsLive);
    }

    [Fact]
    public void Accelerated_it_passes_that_many_minutes_in_a_second()
    {
        var clock = new SimulatedClock(_time, _time.GetUtcNow().AddDays(-1), acceleration: 10);

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(clock.Start.AddMinutes(30), clock.Now);
    }

    [Fact]
    public void It_never_passes_the_present_and_runs_at_real_speed_once_it_has_caught_up()
    {
        var clock = new SimulatedClock(_time, _time.GetUtcNow().AddDays(-1), acceleration: 1440);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(clock.Now < _time.GetUtcNow());
        Assert.False(clock.IsLive);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(_time.GetUtcNow(), clock.Now);
        Assert.True(clock.IsLive);

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(_time.GetUtcNow(), clock.Now);
    }

    [Fact]
    public void At_real_speed_in_the_past_it_stays_behind()
    {
        var clock = new SimulatedClock(_time, _time.GetUtcNow().AddHours(-1), acceleration: null);

        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(_time.GetUtcNow().AddHours(-1), clock.Now);
        Assert.False(clock.IsLive);
    }

    [Fact]
    public async Task Waiting_for_a_moment_takes_the_real_time_that_is_left()
    {
        var clock = new SimulatedClock(_time, start: null, acceleration: null);

        var wait = clock.WaitTowardsAsync(_time.GetUtcNow().AddSeconds(4), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await wait;
    }
}
