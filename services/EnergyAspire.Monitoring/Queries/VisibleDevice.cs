using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Replicas;
using NpgsqlTypes;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>A device that the caller may see, and when.</summary>
/// <param name="Device">The device.</param>
/// <param name="Times">
/// Times whose data the caller may see, sorted and disjoint, in whole clock hours of the site. Anything that was measured outside of them is as if it
/// didn't exist.
/// </param>
internal sealed record VisibleDevice(DeviceReplica Device, IReadOnlyList<VisibleSpan> Times)
{
    /// <summary>All times, for an admin.</summary>
    public static readonly IReadOnlyList<VisibleSpan> Always = [new(QueryBounds.Earliest, QueryBounds.Latest)];

    /// <summary>
    /// Returns the times of a mapping's periods. A clock hour belongs to whom the device belonged to at its end. So each hour belongs to exactly one
    /// of two consecutive owners, and a new owner sees the running hour at once.
    /// </summary>
    public static IReadOnlyList<VisibleSpan> TimesOf(IEnumerable<NpgsqlRange<DateTimeOffset>> periods, TimeZoneInfo zone) =>
    [
        .. periods.Select(period => new VisibleSpan(
                period.LowerBoundInfinite ? QueryBounds.Earliest : SiteClock.HourStart(period.LowerBound, zone),
                period.UpperBoundInfinite ? QueryBounds.Latest : SiteClock.HourStart(period.UpperBound, zone)))
            .Where(times => times.From < times.Until),
    ];

    /// <summary>Returns the visible parts of a span of time.</summary>
    public IEnumerable<VisibleSpan> Within(DateTimeOffset from, DateTimeOffset until) => Times
        .Select(times => new VisibleSpan(times.From > from ? times.From : from, times.Until < until ? times.Until : until))
        .Where(times => times.From < times.Until);
}

/// <summary>A span of time whose data the caller may see.</summary>
/// <param name="From">Start, inclusive.</param>
/// <param name="Until">End, exclusive.</param>
internal readonly record struct VisibleSpan(DateTimeOffset From, DateTimeOffset Until);
