namespace EnergyAspire.Identity.Sagas;

/// <summary>Settings of sagas; section <c>Sagas</c>.</summary>
public sealed class SagaOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Sagas";

    /// <summary>How long failing steps are retried before the completed steps are undone.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time that a service may take to answer the request for a step.</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Time after which another replica takes over the sagas of a replica that no longer renews its leases. It must be longer than
    /// <see cref="StepTimeout"/> and than the longest delay between two attempts, 4 seconds.
    /// </summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after the deadline a caller waits for the compensation to end.</summary>
    public TimeSpan CompensationWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long ended sagas are kept.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    internal bool IsSound =>
        Deadline > TimeSpan.Zero && StepTimeout > TimeSpan.Zero && CompensationWait >= TimeSpan.Zero && Retention > TimeSpan.Zero
        && Lease > StepTimeout;
}
