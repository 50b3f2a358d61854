namespace EnergyAspire.Monitoring.Hours;

/// <summary>A part of a reading's energy.</summary>
/// <param name="HourStart">Start of the clock hour that it belongs to.</param>
/// <param name="Energy">Milliwatt-hours.</param>
internal readonly record struct HourShare(DateTimeOffset HourStart, long Energy);

/// <summary>Spreads the energy of a reading evenly over the clock hours that its interval touches.</summary>
/// <remarks>
/// A share is the difference of two sums: the energy until its end minus the energy until its start, each rounded down to milliwatt-hours. So the
/// shares add up to the reading exactly. <see cref="Ledger.HourCheck"/> computes the same in SQL.
/// </remarks>
internal static class HourShares
{
    /// <summary>
    /// The longest time that the energy of an interval's reading is spread over. Verification relies on it. That of a register reading is spread until
    /// the next one, which may be longer.
    /// </summary>
    public static readonly TimeSpan LongestSpread = TimeSpan.FromDays(1);

    /// <summary>Returns the length in seconds of a reading's interval when it ends in a later clock hour than it starts in; otherwise null.</summary>
    /// <param name="timestamp">Start of the interval.</param>
    /// <param name="hourEnd">End of the clock hour of the timestamp.</param>
    /// <param name="intervalSeconds">Length of the interval, at most a day.</param>
    public static int? SpreadSeconds(DateTimeOffset timestamp, DateTimeOffset hourEnd, int intervalSeconds) =>
        timestamp.AddSeconds(intervalSeconds) <= hourEnd ? null : intervalSeconds;

    /// <summary>Returns the shares of a reading in the order of time. The first one belongs to the hour of its timestamp.</summary>
    /// <param name="timestamp">Start of the interval.</param>
    /// <param name="energy">Milliwatt-hours of the reading.</param>
    /// <param name="spreadSeconds">Seconds that the energy is spread over; null when all of it belongs to the hour of the timestamp.</param>
    /// <param name="zone">Zone of the site.</param>
    public static IEnumerable<HourShare> Of(DateTimeOffset timestamp, long energy, int? spreadSeconds, TimeZoneInfo zone)
    {
        var hour = SiteClock.HourStart(timestamp, zone);
        if (spreadSeconds is not { } seconds)
        {
            yield return new HourShare(hour, energy);
            yield break;
        }

        var (length, end, before) = (seconds * TimeSpan.TicksPerSecond, timestamp.AddSeconds(seconds), 0L);
        while (hour < end)
        {
            var next = SiteClock.NextHour(hour, zone);
            var until = next < end ? (long)((Int128)energy * (next - timestamp).Ticks / length) : energy;
            yield return new HourShare(hour, until - before);
            (hour, before) = (next, until);
        }
    }
}
