namespace EnergyAspire.Chaos;

/// <summary>Finds days on which clocks change.</summary>
internal static class ClockChange
{
    /// <summary>Zones of the fleet: two with clock changes at the same instant, and one with a half-hour offset and no changes.</summary>
    public static readonly IReadOnlyList<string> Zones = ["Europe/Berlin", "Europe/London", "Asia/Kolkata"];

    /// <summary>Returns the start of the latest past span of whole UTC days with a clock change in its middle.</summary>
    public static DateTimeOffset StartBefore(DateTimeOffset now, int days)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zones[0]);
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-days);
        while (zone.GetUtcOffset(day) == zone.GetUtcOffset(day.AddDays(1)))
            day = day.AddDays(-1);

        return day.AddDays(-(days / 2));
    }
}
