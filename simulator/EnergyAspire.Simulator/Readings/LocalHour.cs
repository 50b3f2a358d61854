namespace EnergyAspire.Simulator.Readings;

/// <summary>Clock hours at a meter's site, by the rules that consumption is kept by.</summary>
public static class LocalHour
{
    /// <summary>Returns the instant, in UTC, at which the local clock hour that contains an instant starts.</summary>
    /// <remarks>Where the clock is moved within an hour, as on Lord Howe Island, an hour starts at that moment.</remarks>
    public static DateTimeOffset StartOf(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var utc = instant.UtcDateTime;
        var offset = zone.GetUtcOffset(utc);
        var start = utc.AddTicks(-((utc + offset).Ticks % TimeSpan.TicksPerHour));
        if (zone.GetUtcOffset(start) == offset)
            return new DateTimeOffset(start, TimeSpan.Zero);

        // The clock was moved since then. Clocks are moved at full minutes, so that moment is at most some steps back.
        var minute = utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMinute));
        while (zone.GetUtcOffset(minute.AddMinutes(-1)) == offset)
            minute = minute.AddMinutes(-1);

        return new DateTimeOffset(minute, TimeSpan.Zero);
    }
}
