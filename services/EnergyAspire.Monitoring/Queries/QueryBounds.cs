using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>An end of a range: a date at a site, or an instant.</summary>
/// <param name="Date">Date; null when it is a time.</param>
/// <param name="Time">Time; null when it is a date.</param>
internal readonly record struct QueryBound(DateOnly? Date, DateTimeOffset? Time)
{
    /// <summary>
    /// Returns the instant of the bound. A date is its first instant at the start of a range, and the first instant after it at the end.
    /// </summary>
    /// <param name="isEnd">Whether it ends the range.</param>
    /// <param name="zone">Zone of the site.</param>
    public DateTimeOffset Instant(bool isEnd, TimeZoneInfo zone)
    {
        if (Date is not { } date)
            return Time!.Value;

        var (start, end) = SiteClock.Day(date, zone);
        return isEnd ? end : start;
    }
}

/// <summary>A range that a query asks for; either end may be open.</summary>
/// <param name="Start">Start, inclusive.</param>
/// <param name="End">End. A date is inclusive, a time exclusive.</param>
internal sealed record QueryBounds(QueryBound? Start, QueryBound? End)
{
    /// <summary>Before any reading.</summary>
    public static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch.AddDays(-1);

    /// <summary>After any reading.</summary>
    public static readonly DateTimeOffset Latest = new(9001, 1, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether both ends are open.</summary>
    public bool AreOpen => Start is null && End is null;

    /// <summary>Returns the start and the exclusive end as instants, with dates in a site's zone.</summary>
    public (DateTimeOffset From, DateTimeOffset To) At(TimeZoneInfo zone) =>
        (Start?.Instant(isEnd: false, zone) ?? Earliest, End?.Instant(isEnd: true, zone) ?? Latest);

    /// <summary>Returns the first and the last date at a site that the range overlaps. Both ends must be given.</summary>
    public (DateOnly First, DateOnly Last) DatesAt(TimeZoneInfo zone) => (
        Start!.Value.Date ?? SiteClock.DateAt(Start.Value.Time!.Value, zone),
        End!.Value.Date ?? SiteClock.DateAt(End.Value.Time!.Value.AddTicks(-1), zone));
}
