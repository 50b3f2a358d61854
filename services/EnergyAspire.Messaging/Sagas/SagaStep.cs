namespace EnergyAspire.Messaging.Sagas;

/// <summary>What this service did for a saga that another service runs; one row a saga.</summary>
public sealed class SagaStep
{
    /// <summary>Saga that asked.</summary>
    public required Guid SagaId { get; init; }

    /// <summary>What the step is about, such as an account; null in rows from before it was noted.</summary>
    public Guid? Subject { get; init; }

    /// <summary>Whether it was undone. A compensation may come before its step; then the step is refused.</summary>
    public bool IsUndone { get; set; }

    /// <summary>What undoing it needs to know, as JSON; null when nothing.</summary>
    public string? Before { get; set; }

    /// <summary>When it was done or undone first; old rows are removed after <see cref="SagaSteps.Retention"/>.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>Whether a saga's step is to be done.</summary>
public enum SagaStepState
{
    /// <summary>It is new: do it.</summary>
    New,

    /// <summary>It was done before: answer as then, do nothing.</summary>
    Repeated,

    /// <summary>It was undone, perhaps before it came: refuse it.</summary>
    Undone,
}
