namespace EnergyAspire.Monitoring.Forecasts;

/// <summary>Expected energy of what isn't measured of the running month.</summary>
/// <param name="Energies">Expected milliwatt-hours of the unmeasured share of each open hour, in the order of the hours.</param>
/// <param name="Spread">Half of the width of the 80 % interval as a share of their sum; null when it can't be told.</param>
/// <param name="Accuracy">How good the forecasts of the last months were; null when there is no complete month.</param>
internal sealed record MonthForecast(IReadOnlyList<double> Energies, double? Spread, ForecastAccuracy? Accuracy)
{
    /// <summary>Makes the forecast from the hours before now; null when too few are known.</summary>
    /// <param name="known">Known hours, sorted, all before now.</param>
    /// <param name="open">Open hours of the running month.</param>
    /// <param name="now">Current time.</param>
    /// <param name="today">Current date at the site.</param>
    /// <param name="zone">Zone of the site.</param>
    public static MonthForecast? Of(KnownHour[] known, IReadOnlyList<OpenHour> open, DateTimeOffset now, DateOnly today, TimeZoneInfo zone)
    {
        if (known is [])
            return null;

        var past = new PastForecasts(known, today, zone);
        var hours = past.HoursAt(now);
        if (!PastForecasts.AreEnough(hours, now))
            return null;

        var halfLife = past.HalfLifeAt(past.Today);
        var profile = WeeklyProfile.Of(hours, now, halfLife);
        // The month in which clocks are set back has an hour more than its days.
        var days = Math.Min(PastForecasts.LongestMonth, (int)Math.Ceiling(open.Sum(hour => hour.Share) / 24));

        return new MonthForecast(
            [.. open.Select(hour => hour.Share * profile[hour.HourOfWeek])], days == 0 ? 0 : past.SpreadAt(past.Today, days, halfLife), past.Accuracy());
    }
}

/// <summary>How good the forecasts of the last complete months were that would have been shown on each of their days.</summary>
/// <param name="Months">Number of months, at most 3. Months of which too little was measured are left out.</param>
/// <param name="Error">Mean absolute error of the month's consumption, as a share of it: 0.04 is 4 %.</param>
/// <param name="NaiveError">The same for a forecast that repeats the last week.</param>
/// <param name="Coverage">Share of the days on which the month's consumption was between <c>low_consumption</c> and <c>high_consumption</c>; 0.8 is intended.</param>
public sealed record ForecastAccuracy(int Months, decimal Error, decimal NaiveError, decimal Coverage);
