using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>
/// Decides which readings are faulty. A decision depends only on the seed, the meter and the interval, so a repeated run has the same faults.
/// </summary>
public sealed class FaultPlan(FaultShares shares, TimeSpan interval, long seed)
{
    private const int OvertakingIntervals = 3;
    private const int SpellIntervals = 12;

    private static readonly TimeSpan FarthestSetBack = TimeSpan.FromHours(2);

    private readonly ulong _seed = unchecked((ulong)seed);
    private readonly long _seconds = (long)interval.TotalSeconds;

    // Values of the parameter "part" of Noise; ReadingGenerator uses 0 and 1.
    private enum Question : ulong
    {
        Kind = 16, IsLate, LateBy, IsDuplicated, DuplicatedAfter, IsContradicted, ContradictedAfter, Contradiction, IsClockWrong, ClockSetBack, ClockAhead, Malformation,
    }

    /// <summary>Longest time from the end of an hour until its last reading is sent.</summary>
    public TimeSpan LongestDelay { get; } =
        // A meter reports after the end of the interval, within the next one.
        2 * interval
        + (shares.OutOfOrder > 0 ? OvertakingIntervals * interval : TimeSpan.Zero)
        + (shares.Late > 0 ? shares.LateBy : TimeSpan.Zero)
        + (shares.ClockChanges > 0 ? FarthestSetBack : TimeSpan.Zero);

    /// <summary>Returns the reports about an interval: none, a faulty one, or the reading and possibly repetitions.</summary>
    public IEnumerable<Report> ReportsOf(ScheduledReading scheduled)
    {
        var (due, meter, timestamp) = scheduled;
        if (KindOf(meter, timestamp) is not { } kind)
            yield break;

        due += DelayOf(meter, timestamp);
        yield return new Report(due, meter, timestamp, kind);
        if (kind != ReportKind.Reading)
            yield break;

        if (Ask(meter, timestamp, Question.IsDuplicated) < shares.Duplicates)
            yield return new Report(due + RepeatedAfter(Question.DuplicatedAfter), meter, timestamp, ReportKind.Duplicate);
        if (Ask(meter, timestamp, Question.IsContradicted) < shares.Conflicts)
            yield return new Report(due + RepeatedAfter(Question.ContradictedAfter), meter, timestamp, ReportKind.Conflict);

        // Most repetitions are sent soon, like retries, and some hours later.
        TimeSpan RepeatedAfter(Question question) => Math.Pow(Ask(meter, timestamp, question), 3) * shares.LateBy;
    }

    /// <summary>Returns the time of the meter's clock at the start of an interval.</summary>
    /// <remarks>
    /// A meter's wrong clock always has the same error, which is never a multiple of the interval, so no timestamp of a meter occurs twice. It is
    /// ahead by less than an interval, so that no timestamp is in the future when it is sent.
    /// </remarks>
    public DateTimeOffset StampOf(Meter meter, DateTimeOffset timestamp)
    {
        if (shares.ClockChanges == 0)
            return timestamp;

        var spell = timestamp.ToUnixTimeSeconds() / (SpellIntervals * _seconds);
        if (Ask(meter, spell, Question.IsClockWrong) >= shares.ClockChanges)
            return timestamp;

        var setBack = (long)(Ask(meter, 0, Question.ClockSetBack) * (FarthestSetBack.Ticks / interval.Ticks + 1));
        var ahead = 1 + (long)(Ask(meter, 0, Question.ClockAhead) * (_seconds - 1));
        return timestamp.AddSeconds(ahead - setBack * _seconds);
    }

    /// <summary>Returns the energy of a conflicting duplicate: more than the reading's.</summary>
    public long Contradiction(MeterReading reading) =>
        reading.Energy + 1 + (long)(Noise.Share(_seed, reading.DeviceId, reading.Timestamp.ToUnixTimeSeconds(), (ulong)Question.Contradiction) * reading.Energy);

    /// <summary>Returns the index of a report's malformation.</summary>
    public int Malformation(Report report, int ways) => (int)(Ask(report.Meter, report.Interval, Question.Malformation) * ways);

    /// <summary>Returns an id that no device has.</summary>
    public Guid StrangerTo(Meter meter) => Noise.StrangerTo(_seed, meter.DeviceId);

    private ReportKind? KindOf(Meter meter, DateTimeOffset timestamp)
    {
        // One random number decides between all kinds, so that each share refers to all readings.
        var draw = Ask(meter, timestamp, Question.Kind);
        if ((draw -= shares.Gaps) < 0)
            return null;
        if ((draw -= shares.Malformed) < 0)
            return ReportKind.Malformed;
        if ((draw -= shares.Negative) < 0)
            return ReportKind.Negative;
        if ((draw -= shares.Future) < 0)
            return ReportKind.Future;

        return draw - shares.UnknownDevice < 0 ? ReportKind.UnknownDevice : ReportKind.Reading;
    }

    private TimeSpan DelayOf(Meter meter, DateTimeOffset timestamp)
    {
        var draw = Ask(meter, timestamp, Question.IsLate);
        if (draw >= shares.Late + shares.OutOfOrder)
            return TimeSpan.Zero;

        var part = Ask(meter, timestamp, Question.LateBy);
        return draw < shares.Late ? part * shares.LateBy : interval * (1 + part * (OvertakingIntervals - 1));
    }

    private double Ask(Meter meter, DateTimeOffset timestamp, Question question) => Ask(meter, timestamp.ToUnixTimeSeconds(), question);

    private double Ask(Meter meter, long moment, Question question) => Noise.Share(_seed, meter.DeviceId, moment, (ulong)question);
}
