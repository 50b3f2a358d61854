namespace EnergyAspire.Simulator.Readings;

/// <summary>A reading that a meter will send.</summary>
/// <param name="Due">When the meter sends it, on the simulated clock.</param>
/// <param name="Meter">Meter.</param>
/// <param name="Timestamp">Start of the interval.</param>
public readonly record struct ScheduledReading(DateTimeOffset Due, Meter Meter, DateTimeOffset Timestamp);

/// <summary>
/// Schedule of readings. Intervals start at multiples of their length. A meter reports an interval after its end. The meters' reports are spread over
/// the next interval, so that they don't all report at once.
/// </summary>
public sealed class ReadingSchedule(IReadOnlyList<Meter> meters, TimeSpan interval, DateTimeOffset start, DateTimeOffset? end)
{
    /// <summary>Start of the first whole interval.</summary>
    public DateTimeOffset First { get; } = Aligned(start, interval);

    /// <summary>Lists the readings of all intervals between start and end, in the order of their due times; endless without an end.</summary>
    public IEnumerable<ScheduledReading> Readings()
    {
        for (var timestamp = First; end is null || timestamp + interval <= end; timestamp += interval)
        {
            for (var number = 0; number < meters.Count; number++)
                yield return new ScheduledReading(timestamp + interval + interval * number / meters.Count, meters[number], timestamp);
        }
    }

    private static DateTimeOffset Aligned(DateTimeOffset start, TimeSpan interval)
    {
        var past = start.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var missing = (interval.Ticks - past % interval.Ticks) % interval.Ticks;

        return start.ToUniversalTime().AddTicks(missing);
    }
}
