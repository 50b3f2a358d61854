using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>A clock hour, date or month at a site.</summary>
/// <param name="Date">Date at the site; for a month its first date within the range.</param>
/// <param name="Start">When it starts.</param>
/// <param name="End">When the next one starts.</param>
public readonly record struct SitePeriod(DateOnly Date, DateTimeOffset Start, DateTimeOffset End);

/// <summary>Splits ranges of dates at a site into periods.</summary>
public static class SitePeriods
{
    /// <summary>
    /// Returns the periods of a range in order, without gap or overlap. The period of a month contains only its dates within the range. A date that
    /// the zone skipped has no period.
    /// </summary>
    /// <param name="first">First date of the range.</param>
    /// <param name="last">Last date of the range, inclusive.</param>
    /// <param name="granularity">How long the periods are.</param>
    /// <param name="zone">Zone of the site.</param>
    public static IEnumerable<SitePeriod> Of(DateOnly first, DateOnly last, Granularity granularity, TimeZoneInfo zone)
    {
        var start = SiteClock.Day(first, zone).Start;
        for (var date = first; date <= last;)
        {
            var lastDate = granularity == Granularity.Month ? Earlier(EndOfMonth(date), last) : date;
            var end = SiteClock.Day(lastDate, zone).End;
            if (granularity == Granularity.Hour)
            {
                for (DateTimeOffset hour = start, next; hour < end; hour = next)
                {
                    next = SiteClock.NextHour(hour, zone);
                    yield return new SitePeriod(date, hour, next);
                }
            }
            else if (start < end)
            {
                yield return new SitePeriod(date, start, end);
            }

            (date, start) = (lastDate.AddDays(1), end);
        }
    }

    /// <summary>Returns the periods of a range. Instants limit it only by hour; with other granularities whole dates count.</summary>
    internal static List<SitePeriod> Of(QueryBounds bounds, Granularity granularity, TimeZoneInfo zone)
    {
        var ((first, last), (from, to)) = (bounds.DatesAt(zone), bounds.At(zone));
        return [.. Of(first, last, granularity, zone).Where(period => granularity != Granularity.Hour || (period.Start >= from && period.Start < to))];
    }

    private static DateOnly EndOfMonth(DateOnly date) => new(date.Year, date.Month, DateTime.DaysInMonth(date.Year, date.Month));

    private static DateOnly Earlier(DateOnly one, DateOnly other) => one < other ? one : other;
}
