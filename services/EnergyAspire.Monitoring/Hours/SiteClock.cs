namespace EnergyAspire.Monitoring.Hours;

/// <summary>Clock hours and days at a device's site.</summary>
public static class SiteClock
{
    /// <summary>Returns the instant at which the clock hour that contains an instant starts.</summary>
    /// <remarks>
    /// When the UTC offset changes within an hour, as on Lord Howe Island, a new hour starts at that moment. So hours never overlap, and each instant
    /// belongs to exactly one.
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

    /// <summary>Returns the first instant of a local date and the first instant after it.</summary>
    /// <remarks>When the clock skips midnight, the date starts at the first instant after the gap.</remarks>
    public static (DateTimeOffset Start, DateTimeOffset End) Day(DateOnly date, TimeZoneInfo zone) =>
        (DayStart(date, zone), DayStart(date.AddDays(1), zone));

    /// <summary>Returns the starts of the clock hours of a local date, in order: 23 to 25 in zones whose offset changes by an hour.</summary>
    public static IEnumerable<DateTimeOffset> HoursOf(DateOnly date, TimeZoneInfo zone)
    {
        var (start, end) = Day(date, zone);
        for (var hour = start; hour < end; hour = NextHour(hour, zone))
            yield return hour;
    }

    /// <summary>Returns the start of the clock hour after the one that starts at an instant.</summary>
    public static DateTimeOffset NextHour(DateTimeOffset hourStart, TimeZoneInfo zone)
    {
        // A clock hour lasts at most 60 minutes, and less when the offset changes within it.
        var latest = hourStart.AddHours(1);
        var next = HourStart(latest, zone);

        return next > hourStart ? next : latest;
    }

    /// <summary>Returns the local date at an instant.</summary>
    public static DateOnly DateAt(DateTimeOffset instant, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    private static DateTimeOffset DayStart(DateOnly date, TimeZoneInfo zone)
    {
        // UTC offsets are below 15 hours, so these instants enclose the wanted midnight.
        var midnight = date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var (early, late) = (midnight.AddHours(-15), midnight.AddHours(15));
        var (before, after) = (zone.GetUtcOffset(early), zone.GetUtcOffset(late));

        var start = midnight - before;
        if (before != after)
        {
            var transition = Transition(early, late, zone);
            // Midnight lies before the offset change, after it, or in the gap that it makes.
            if (start >= transition)
                start = midnight - after > transition ? midnight - after : transition;
        }

        return new DateTimeOffset(start, TimeSpan.Zero);
    }

    /// <summary>Finds, to the second, when the offset of the later instant begins.</summary>
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
