namespace EnergyAspire.Simulator.Readings;

/// <summary>Clock hours at a meter's site, by the same rules as in Monitoring, but implemented separately.</summary>
public static class LocalHour
{
    /// <summary>Returns the instant, in UTC, at which the local clock hour that contains an instant starts.</summary>
    /// <remarks>When the UTC offset changes within an hour, as on Lord Howe Island, a new hour starts at that moment.</remarks>
    public static DateTimeOffset StartOf(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var utc = instant.UtcDateTime;
        var offset = zone.GetUtcOffset(utc);
        var start = utc.AddTicks(-((utc + offset).Ticks % TimeSpan.TicksPerHour));
        if (zone.GetUtcOffset(start) == offset)
            return new DateTimeOffset(start, TimeSpan.Zero);

        // The offset changed within this hour. Changes happen at full minutes, so stepping back by minutes finds the change.
        var minute = utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMinute));
        while (zone.GetUtcOffset(minute.AddMinutes(-1)) == offset)
            minute = minute.AddMinutes(-1);

        return new DateTimeOffset(minute, TimeSpan.Zero);
    }

    /// <summary>Spreads the energy of a reading evenly over the local clock hours of its interval, in the order of time.</summary>
    /// <remarks>The energy until the end of each hour is rounded down to milliwatt-hours, so that the shares add up to the reading.</remarks>
    /// <param name="timestamp">Start of the interval.</param>
    /// <param name="interval">Length of the interval.</param>
    /// <param name="energy">Milliwatt-hours of the reading.</param>
    /// <param name="zone">Zone of the site.</param>
    public static IEnumerable<(DateTimeOffset HourStart, long Energy)> Shares(DateTimeOffset timestamp, TimeSpan interval, long energy, TimeZoneInfo zone)
    {
        var (hour, counted) = (StartOf(timestamp, zone), 0L);
        while (true)
        {
            // A clock hour lasts at most 60 minutes.
            var next = StartOf(hour.AddHours(1), zone);
            if (next <= hour)
                next = hour.AddHours(1);
            var until = next - timestamp < interval ? (long)decimal.Floor((decimal)energy * (next - timestamp).Ticks / interval.Ticks) : energy;
            yield return (hour, until - counted);
            if (next - timestamp >= interval)
                yield break;

            (hour, counted) = (next, until);
        }
    }
}
