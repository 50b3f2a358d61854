namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Clock hours and days at a device's site.</summary>
public static class SiteClock
{
    /// <summary>Returns the instant at which the clock hour that contains an instant starts.</summary>
    /// <remarks>
    /// Where the clock is moved within an hour, as Lord Howe Island does by half an hour, the hour starts at that moment; so
    /// hours never overlap and each instant belongs to one.
    /// </remarks>
    public static DateTimeOffset HourStart(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var utc = instant.UtcDateTime;
        var offset = zone.GetUtcOffset(utc);
        var local = utc + offset;
        var start = utc - TimeSpan.FromTicks(local.Ticks % TimeSpan.TicksPerHour);

        return zone.GetUtcOffset(start) == offset
            ? new DateTimeOffset(start, TimeSpan.Zero)
            : new DateTimeOffset(Transition(start, utc, zone), TimeSpan.Zero);
    }

    /// <summary>Returns the instants that a local date starts at and ends before.</summary>
    /// <remarks>A date whose midnight is skipped starts at the first instant that has that date.</remarks>
    public static (DateTimeOffset Start, DateTimeOffset End) Day(DateOnly date, TimeZoneInfo zone) =>
        (DayStart(date, zone), DayStart(date.AddDays(1), zone));

    /// <summary>Returns the starts of the clock hours of a local date, in order: 23 to 25 of them in zones that move by an hour.</summary>
    public static IEnumerable<DateTimeOffset> HoursOf(DateOnly date, TimeZoneInfo zone)
    {
        var (start, end) = Day(date, zone);
        for (var hour = start; hour < end; hour = NextHour(hour, zone))
            yield return hour;
    }

    /// <summary>Returns the start of the clock hour after the one that starts at an instant.</summary>
    public static DateTimeOffset NextHour(DateTimeOffset hourStart, TimeZoneInfo zone)
    {
        // An hour lasts an hour at most, and less where the clock is moved within it.
        var latest = hourStart.AddHours(1);
        var next = HourStart(latest, zone);

        return next > hourStart ? next : latest;
    }

    /// <summary>Returns the local date at an instant.</summary>
    public static DateOnly DateAt(DateTimeOffset instant, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    private static DateTimeOffset DayStart(DateOnly date, TimeZoneInfo zone)
    {
        // Offsets lie within 15 hours, so these two instants are surely before and after the midnight looked for.
        var midnight = date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var (early, late) = (midnight.AddHours(-15), midnight.AddHours(15));
        var (before, after) = (zone.GetUtcOffset(early), zone.GetUtcOffset(late));

        var start = midnight - before;
        if (before != after)
        {
            var transition = Transition(early, late, zone);
            // Midnight comes before the clock is moved, or after it, or is skipped by it.
            if (start >= transition)
                start = midnight - after > transition ? midnight - after : transition;
        }

        return new DateTimeOffset(start, TimeSpan.Zero);
    }

    /// <summary>Returns the instant between two instants at which the offset of the later one begins, to the second.</summary>
    private static DateTime Transition(DateTime before, DateTime after, TimeZoneInfo zone)
    {
        var offset = zone.GetUtcOffset(after);
        var (low, high) = (before.Ticks / TimeSpan.TicksPerSecond, (after.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (zone.GetUtcOffset(new DateTime(middle * TimeSpan.TicksPerSecond, DateTimeKind.Utc)) == offset)
                high = middle;
            else
                low = middle;
        }

        return new DateTime(high * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
    }
}
