namespace EnergyAspire.Identity.Sagas;

/// <summary>How sagas are run; section <c>Sagas</c>.</summary>
public sealed class SagaOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Sagas";

    /// <summary>How long failing steps are tried again before what was done is undone.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a service may take to answer a step.</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after a replica's last sign of life another one takes its sagas over; longer than any step with its pauses.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after the deadline a caller waits for the end of the compensation.</summary>
    public TimeSpan CompensationWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long ended sagas are shown.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    internal bool IsSound =>
        Deadline > TimeSpan.Zero && StepTimeout > TimeSpan.Zero && CompensationWait >= TimeSpan.Zero && Retention > TimeSpan.Zero
        && Lease > StepTimeout;
}
