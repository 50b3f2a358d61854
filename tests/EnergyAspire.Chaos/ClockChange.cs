namespace EnergyAspire.Chaos;

/// <summary>Days on which clocks change.</summary>
internal static class ClockChange
{
    /// <summary>Zones of the fleet: two that change their clocks together, and one that is half an hour beside the others and never does.</summary>
    public static readonly IReadOnlyList<string> Zones = ["Europe/Berlin", "Europe/London", "Asia/Kolkata"];

    /// <summary>Returns the newest start of so many whole UTC days that are over and have a change of the clocks in their middle.</summary>
    public static DateTimeOffset StartBefore(DateTimeOffset now, int days)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zones[0]);
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-days);
        while (zone.GetUtcOffset(day) == zone.GetUtcOffset(day.AddDays(1)))
            day = day.AddDays(-1);

        return day.AddDays(-(days / 2));
    }
}
