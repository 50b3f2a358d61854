namespace EnergyAspire.Monitoring.Forecasts;

/// <summary>A clock hour whose readings have all come.</summary>
/// <param name="Start">When it starts.</param>
/// <param name="HourOfWeek">Hour of the week on the site's clock, from Sunday, 0 to 167.</param>
/// <param name="Energy">Milliwatt-hours.</param>
internal readonly record struct KnownHour(DateTimeOffset Start, int HourOfWeek, long Energy)
{
    /// <summary>Creates the hour that starts at an instant at a site.</summary>
    public static KnownHour At(DateTimeOffset start, long energy, TimeZoneInfo zone) => new(start, HourOfWeekAt(start, zone), energy);

    /// <summary>Returns the hour of the week at a site.</summary>
    public static int HourOfWeekAt(DateTimeOffset start, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(start, zone);
        return ((int)local.DayOfWeek * 24) + local.Hour;
    }
}

/// <summary>A clock hour of the running month that isn't completely measured.</summary>
/// <param name="Start">When it starts.</param>
/// <param name="HourOfWeek">Hour of the week on the site's clock, from Sunday, 0 to 167.</param>
/// <param name="Share">Share of the hour that isn't measured, above 0, at most 1.</param>
internal readonly record struct OpenHour(DateTimeOffset Start, int HourOfWeek, double Share);
