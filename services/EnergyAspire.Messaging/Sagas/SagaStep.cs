namespace EnergyAspire.Messaging.Sagas;

/// <summary>Record of the step that this service executed for another service's saga; one row for each saga.</summary>
public sealed class SagaStep
{
    /// <summary>Saga that the step belongs to.</summary>
    public required Guid SagaId { get; init; }

    /// <summary>What the step is about, such as an account; null in rows from before this column existed.</summary>
    public Guid? Subject { get; init; }

    /// <summary>Whether the step was undone. A compensation may arrive before its step; then the step is refused.</summary>
    public bool IsUndone { get; set; }

    /// <summary>Data for the compensation, as JSON; null when it needs none.</summary>
    public string? Before { get; set; }

    /// <summary>When the row was created by the step or its compensation. Rows are removed after <see cref="SagaSteps.Retention"/>.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>Whether a saga's step must be executed.</summary>
public enum SagaStepState
{
    /// <summary>The step is new: execute it.</summary>
    New,

    /// <summary>The step was executed before: do nothing, and give the same answer.</summary>
    Repeated,

    /// <summary>The step is compensated, possibly before it arrived: refuse it.</summary>
    Undone,
}
