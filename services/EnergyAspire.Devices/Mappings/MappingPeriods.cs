using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using NpgsqlTypes;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Periods of a mapping, which the database keeps as a <c>tstzmultirange</c>: sorted, disjoint, and with the start but without the end.</summary>
internal static class MappingPeriods
{
    /// <summary>A period without a beginning and an end.</summary>
    public static readonly NpgsqlRange<DateTimeOffset> Always = Range(from: null, until: null);

    /// <summary>Returns the periods as events and the API carry them.</summary>
    public static IReadOnlyList<MappingPeriod> ToContract(this NpgsqlRange<DateTimeOffset>[] periods) => Array.ConvertAll(periods, period =>
        new MappingPeriod(period.LowerBoundInfinite ? null : period.LowerBound, period.UpperBoundInfinite ? null : period.UpperBound));

    /// <summary>Ends the open period. A period that would be empty is dropped.</summary>
    public static NpgsqlRange<DateTimeOffset>[] EndedAt(this NpgsqlRange<DateTimeOffset>[] periods, DateTimeOffset end) =>
    [
        .. periods.Select(period => period.UpperBoundInfinite ? Range(period.LowerBoundInfinite ? null : period.LowerBound, end) : period)
            .Where(period => period.LowerBoundInfinite || period.LowerBound < period.UpperBound),
    ];

    /// <summary>Opens the last period again, as if it had not ended. Without any period, one begins.</summary>
    public static NpgsqlRange<DateTimeOffset>[] Reopened(this NpgsqlRange<DateTimeOffset>[] periods, DateTimeOffset now) =>
        periods is [.. var earlier, var last]
            ? [.. earlier, Range(last.LowerBoundInfinite ? null : last.LowerBound, until: null)]
            : [Range(now, until: null)];

    /// <summary>Creates a period.</summary>
    /// <param name="from">Start, inclusive; null for none.</param>
    /// <param name="until">End, exclusive; null for none.</param>
    public static NpgsqlRange<DateTimeOffset> Range(DateTimeOffset? from, DateTimeOffset? until) => new(
        from?.ToStored() ?? default, lowerBoundIsInclusive: from is not null, lowerBoundInfinite: from is null,
        until?.ToStored() ?? default, upperBoundIsInclusive: false, upperBoundInfinite: until is null);
}
