using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>A span of time in which every hour still has all its raw readings.</summary>
/// <param name="From">Start in UTC.</param>
/// <param name="To">End in UTC, exclusive.</param>
internal sealed record KeptSpan(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Returns the whole span as of a time. It ends with the last day that can have readings.</summary>
    public static KeptSpan Of(IngestOptions options, DateTimeOffset now) => new(
        // An hour that begins on a dropped day has lost readings and can reach into the first kept day. After a zone change it can overlap the next
        // hour. The energy of dropped readings is spread over the first kept day.
        StartOf(options.OldestDay(now)).AddHours(1) + HourShares.LongestSpread,
        StartOf(DateOnly.FromDateTime((now + options.FutureTolerance).UtcDateTime).AddDays(1)));

    /// <summary>Returns the part within a range of UTC days, both inclusive; empty when there is none.</summary>
    public KeptSpan Narrow(DateOnly? first, DateOnly? last)
    {
        var from = first is { } start && StartOf(start) > From ? StartOf(start) : From;
        var to = last is { } end && StartOf(end.AddDays(1)) < To ? StartOf(end.AddDays(1)) : To;

        return new KeptSpan(from, to > from ? to : from);
    }

    /// <summary>Splits the span at midnight UTC.</summary>
    public IEnumerable<KeptSpan> Days()
    {
        for (var from = From; from < To;)
        {
            var midnight = StartOf(DateOnly.FromDateTime(from.UtcDateTime).AddDays(1));
            yield return new KeptSpan(from, midnight);
            from = midnight;
        }
    }

    /// <summary>Returns the start of a UTC day.</summary>
    public static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
