using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>A span of time of whose hours all raw readings are kept.</summary>
/// <param name="From">Start in UTC.</param>
/// <param name="To">End in UTC, exclusive.</param>
internal sealed record KeptSpan(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The whole span at a time, to the end of the last day that can have readings.</summary>
    public static KeptSpan Of(IngestOptions options, DateTimeOffset now) => new(
        // The hour that begins on the day before has lost readings, and the hour after it may share it, if the site had another zone then.
        StartOf(options.OldestDay(now)).AddHours(1),
        StartOf(DateOnly.FromDateTime((now + options.FutureTolerance).UtcDateTime).AddDays(1)));

    /// <summary>The part that lies in a range of UTC days, both part of it; empty when there is none.</summary>
    public KeptSpan Narrow(DateOnly? first, DateOnly? last)
    {
        var from = first is { } start && StartOf(start) > From ? StartOf(start) : From;
        var to = last is { } end && StartOf(end.AddDays(1)) < To ? StartOf(end.AddDays(1)) : To;

        return new KeptSpan(from, to > from ? to : from);
    }

    /// <summary>Splits it at midnight UTC.</summary>
    public IEnumerable<KeptSpan> Days()
    {
        for (var from = From; from < To;)
        {
            var midnight = StartOf(DateOnly.FromDateTime(from.UtcDateTime).AddDays(1));
            yield return new KeptSpan(from, midnight);
            from = midnight;
        }
    }

    /// <summary>Returns the midnight in UTC that a day begins with.</summary>
    public static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
