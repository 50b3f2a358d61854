using System.Text.Json.Serialization;

namespace EnergyAspire.Identity.Sagas;

/// <summary>Whether a step was done.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepState>))]
public enum StepState
{
    /// <summary>Not known to be done.</summary>
    Pending,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Undone; the service refuses to do it from now on.</summary>
    Undone,
}

/// <summary>Progress of a step of a saga.</summary>
public sealed class StepProgress
{
    /// <summary>Name of the step.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it was done.</summary>
    public StepState State { get; set; }

    /// <summary>Attempts to do it.</summary>
    public int Attempts { get; set; }

    /// <summary>Attempts to undo it.</summary>
    public int UndoAttempts { get; set; }

    /// <summary>Attempts with an unknown result: the response was lost, or the process crashed.</summary>
    public int UncertainAttempts { get; set; }

    /// <summary>Its last error.</summary>
    public string? Error { get; set; }

    /// <summary>When it was first tried.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When it was done, refused or undone.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Whether there may be something to undo.</summary>
    [JsonIgnore]
    public bool MayHaveEffect => State == StepState.Done || (State == StepState.Pending && UncertainAttempts > 0);
}

/// <summary>Why a step was refused. It is an answer for the caller, not a fault.</summary>
/// <param name="Status">HTTP status for the caller.</param>
/// <param name="Detail">Why, in a sentence.</param>
/// <param name="Errors">What is wrong, by field as sent.</param>
public sealed record SagaRefusal(int Status, string Detail, Dictionary<string, string[]>? Errors = null);

/// <summary>Thrown by a step that was refused without effect and must not be retried.</summary>
public sealed class SagaRefusedException(SagaRefusal refusal) : Exception(refusal.Detail)
{
    /// <summary>The answer for the caller.</summary>
    public SagaRefusal Refusal => refusal;
}

/// <summary>Thrown by a step that is known to have had no effect and can be retried.</summary>
public sealed class StepNotReachedException(string message, Exception? cause = null) : Exception(message, cause);
