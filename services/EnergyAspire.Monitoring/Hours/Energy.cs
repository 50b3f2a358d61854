namespace EnergyAspire.Monitoring.Hours;

/// <summary>Conversion between stored milliwatt-hours and the API's kilowatt-hours.</summary>
public static class Energy
{
    /// <summary>Milliwatt-hours in a kilowatt-hour.</summary>
    public const decimal MilliwattHoursPerKilowattHour = 1_000_000;

    /// <summary>Returns kWh, exactly.</summary>
    public static decimal ToKilowattHours(long milliwattHours) => milliwattHours / MilliwattHoursPerKilowattHour;

    /// <summary>Returns milliwatt-hours, rounded down and limited to 100 TWh.</summary>
    public static long FromKilowattHours(decimal kilowattHours) =>
        (long)(decimal.Clamp(kilowattHours, 0, 100_000_000_000) * MilliwattHoursPerKilowattHour);
}

/// <summary>How many readings a device should send.</summary>
public static class ExpectedReadings
{
    /// <summary>Counts the intervals that start in a span of time, for a meter whose intervals are aligned to midnight UTC, 1 January 1970.</summary>
    /// <param name="start">Start of the span.</param>
    /// <param name="end">End of the span, exclusive; at or before the start nothing is expected.</param>
    /// <param name="intervalSeconds">Seconds between two readings.</param>
    public static int Between(DateTimeOffset start, DateTimeOffset end, int intervalSeconds)
    {
        if (end <= start)
            return 0;

        var interval = intervalSeconds * TimeSpan.TicksPerSecond;
        return (int)(IntervalsBefore(end) - IntervalsBefore(start));

        long IntervalsBefore(DateTimeOffset instant) => ((instant - DateTimeOffset.UnixEpoch).Ticks + interval - 1) / interval;
    }
}
