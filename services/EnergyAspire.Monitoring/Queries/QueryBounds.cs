using EnergyAspire.Monitoring.Consumption;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>An end of a range: a date at a site, or an instant.</summary>
/// <param name="Date">Date; null when it is a time.</param>
/// <param name="Time">Time; null when it is a date.</param>
internal readonly record struct QueryBound(DateOnly? Date, DateTimeOffset? Time)
{
    /// <summary>The instant that it means: of a date that starts a range its start, of one that ends it its end.</summary>
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
/// <param name="Start">Where it starts, part of it.</param>
/// <param name="End">Where it ends: a date is part of it, a time isn't.</param>
internal sealed record QueryBounds(QueryBound? Start, QueryBound? End)
{
    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch.AddDays(-1);
    private static readonly DateTimeOffset Latest = new(9001, 1, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether it has no end at all.</summary>
    public bool AreOpen => Start is null && End is null;

    /// <summary>The instants that it starts at and ends before, with dates of a site's zone.</summary>
    public (DateTimeOffset From, DateTimeOffset To) At(TimeZoneInfo zone) =>
        (Start?.Instant(isEnd: false, zone) ?? Earliest, End?.Instant(isEnd: true, zone) ?? Latest);

    /// <summary>The first and the last date at a site that it has a part of. Both ends must be given.</summary>
    public (DateOnly First, DateOnly Last) DatesAt(TimeZoneInfo zone) => (
        Start!.Value.Date ?? SiteClock.DateAt(Start.Value.Time!.Value, zone),
        End!.Value.Date ?? SiteClock.DateAt(End.Value.Time!.Value.AddTicks(-1), zone));
}
