namespace EnergyAspire.Simulator.Readings;

/// <summary>
/// The time that the meters live in. It starts in the past, runs as many times faster as it is told to, and runs with the
/// real clock once it has caught up with it.
/// </summary>
public sealed class SimulatedClock
{
    private const double RealSpeed = 1;

    // With an accelerated clock, readings are sent in groups.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);
    // The real clock may be adjusted, so a long wait checks it from time to time.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly double _speed;
    private readonly long _started;

    /// <summary>Starts the clock.</summary>
    /// <param name="time">Real clock.</param>
    /// <param name="start">
    /// Simulated time of this moment. By default now; when accelerated a day ago, from the full hour, so that the first hour is whole.
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

    /// <summary>Simulated time when the clock was started.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>Whether the clock has caught up with the present, as far as <see cref="Now"/> has been asked.</summary>
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

    /// <summary>Waits a while, at most until a simulated time has come.</summary>
    public Task WaitTowardsAsync(DateTimeOffset moment, CancellationToken cancel)
    {
        var wait = moment - Now;
        if (!IsLive)
            wait /= _speed;

        return Task.Delay(wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait, _time, cancel);
    }

    private static DateTimeOffset FullHour(DateTimeOffset time) => time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerHour));
}
