using System.Text.Json.Serialization;

namespace EnergyAspire.Identity.Sagas;

/// <summary>Whether a step was done.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepState>))]
public enum StepState
{
    /// <summary>Not done, as far as this saga knows.</summary>
    Pending,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Undone; it can't be done any more.</summary>
    Undone,
}

/// <summary>How far a step of a saga is.</summary>
public sealed class StepProgress
{
    /// <summary>Name of the step.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it was done.</summary>
    public StepState State { get; set; }

    /// <summary>Tries to do it.</summary>
    public int Attempts { get; set; }

    /// <summary>Tries to undo it.</summary>
    public int UndoAttempts { get; set; }

    /// <summary>Tries of which nobody knows whether they had their effect: their answer was lost, or the process died.</summary>
    public int UncertainAttempts { get; set; }

    /// <summary>What last went wrong with it.</summary>
    public string? Error { get; set; }

    /// <summary>When it was first tried.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When it was done, refused or undone.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Whether there may be something to undo.</summary>
    [JsonIgnore]
    public bool MayHaveEffect => State == StepState.Done || (State == StepState.Pending && UncertainAttempts > 0);
}

/// <summary>Why a step said no: an answer for the caller, not a fault.</summary>
/// <param name="Status">HTTP status for the caller.</param>
/// <param name="Detail">Why, in a sentence.</param>
/// <param name="Errors">What is wrong, by field as sent.</param>
public sealed record SagaRefusal(int Status, string Detail, Dictionary<string, string[]>? Errors = null);

/// <summary>Thrown by a step that says no for good and has had no effect.</summary>
public sealed class SagaRefusedException(SagaRefusal refusal) : Exception(refusal.Detail)
{
    /// <summary>The answer for the caller.</summary>
    public SagaRefusal Refusal => refusal;
}

/// <summary>Thrown by a step that surely had no effect, but may succeed later.</summary>
public sealed class StepNotReachedException(string message, Exception? cause = null) : Exception(message, cause);
