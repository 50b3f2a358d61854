namespace EnergyAspire.Doctor.Checks;

/// <summary>How far another clock is from this machine's. The truth is between the two values, because a message takes time.</summary>
/// <param name="Least">Least difference; positive when the other clock is ahead.</param>
/// <param name="Most">Most difference.</param>
internal sealed record ClockSkew(TimeSpan Least, TimeSpan Most)
{
    // The services judge each other's leases and tokens by their clocks. A lease of a saga takes 10 seconds.
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Harmful = TimeSpan.FromSeconds(10);

    /// <summary>The difference by the smallest amount that explains what was measured.</summary>
    public TimeSpan Value => Least > TimeSpan.Zero ? Least : Most < TimeSpan.Zero ? Most : TimeSpan.Zero;

    /// <summary>The difference to a time that was read between the start of a request and its answer.</summary>
    public static ClockSkew Of(DateTimeOffset other, DateTimeOffset before, TimeSpan duration) => new(other - before - duration, other - before);

    /// <summary>The same for a time without fractions of a second, as in HTTP's header <c>Date</c>.</summary>
    public static ClockSkew OfWholeSecond(DateTimeOffset other, DateTimeOffset before, TimeSpan duration) =>
        // Kestrel renews the header once a second, so that it may be another second old.
        new(other - before - duration, other.AddSeconds(2) - before);

    /// <summary>Says whether the difference does harm.</summary>
    public Verdict Judge(string whose)
    {
        const string Action = $"Synchronize the clocks of both machines by NTP, for example with chrony ({Runbook.Doctor}).";
        var size = Value.Duration();
        var finding = $"The clock of {whose} is {size.TotalSeconds:0.#} seconds {(Value > TimeSpan.Zero ? "ahead of" : "behind")} this machine's.";

        return size >= Harmful ? Verdict.Failed(finding, Action)
            : size >= Noticeable ? Verdict.Warning(finding, Action)
            : Verdict.Ok($"The clock of {whose} agrees with this machine's.");
    }
}
