namespace EnergyAspire.Monitoring.Hours;

/// <summary>Clock hours of instants, of which most follow each other in the same hour. Each zone's last hour is kept.</summary>
internal sealed class ClockHours
{
    private readonly Dictionary<TimeZoneInfo, (DateTimeOffset Start, DateTimeOffset End)> _last = new(ReferenceEqualityComparer.Instance);

    /// <summary>Returns the start and the end of the clock hour that contains an instant.</summary>
    public (DateTimeOffset Start, DateTimeOffset End) At(DateTimeOffset instant, TimeZoneInfo zone)
    {
        if (_last.TryGetValue(zone, out var hour) && hour.Start <= instant && instant < hour.End)
            return hour;

        var start = SiteClock.HourStart(instant, zone);
        return _last[zone] = (start, SiteClock.NextHour(start, zone));
    }
}
