namespace EnergyAspire.Simulator.Readings;

/// <summary>
/// Clock of the meters. It starts in the past and runs with the given acceleration until it reaches the real time. From then on it follows the real
/// clock.
/// </summary>
public sealed class SimulatedClock
{
    private const double RealSpeed = 1;

    // Makes an accelerated clock send readings in groups.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);
    // The real clock may be adjusted, so long waits are split.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly double _speed;
    private readonly long _started;

    /// <summary>Starts the clock.</summary>
    /// <param name="start">
    /// Initial simulated time. The default is the present; with acceleration, a day ago at a full hour, so that the first hour is complete.
    /// </param>
    /// <param name="acceleration">Simulated minutes in a real second; null for real speed.</param>
    public SimulatedClock(TimeProvider time, DateTimeOffset? start, double? acceleration)
    {
        _time = time;
        _started = time.GetTimestamp();
        _speed = acceleration * 60 ?? RealSpeed;

        var present = time.GetUtcNow();
        Start = start ?? (_speed > RealSpeed ? FullHour(present.AddDays(-1)) : present);
        IsLive = Start >= present;
    }

    /// <summary>Initial simulated time.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>Whether the clock had reached the real time at the last call of <see cref="Now"/>.</summary>
    public bool IsLive { get; private set; }

    /// <summary>Simulated time, never later than the present.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var present = _time.GetUtcNow();
            if (IsLive)
                return present;

            var passed = _time.GetElapsedTime(_started) * _speed;
            if (passed < present - Start)
                return Start + passed;

            IsLive = true;
            return present;
        }
    }

    /// <summary>Waits for some time, at most until a simulated time is reached.</summary>
    public Task WaitTowardsAsync(DateTimeOffset moment, CancellationToken cancel)
    {
        var wait = moment - Now;
        if (!IsLive)
            wait /= _speed;

        return Task.Delay(wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait, _time, cancel);
    }

    private static DateTimeOffset FullHour(DateTimeOffset time) => time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerHour));
}
