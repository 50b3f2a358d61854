namespace EnergyAspire.Identity.Sagas;

/// <summary>Which change a saga makes.</summary>
public enum SagaType
{
    /// <summary>Registration of an account.</summary>
    Registration,

    /// <summary>A change of an account and its profile.</summary>
    Update,

    /// <summary>Deletion of an account.</summary>
    Deletion,
}

/// <summary>State of a saga.</summary>
public enum SagaState
{
    /// <summary>Its steps are being done.</summary>
    Running,

    /// <summary>A step was refused, or the deadline has passed. The steps that were done are being undone.</summary>
    Compensating,

    /// <summary>All steps are done.</summary>
    Completed,

    /// <summary>All steps are undone.</summary>
    RolledBack,
}

/// <summary>
/// A change that several services make together or not at all. The next step follows from this row alone, so any replica can continue it. The
/// methods are its state machine; <see cref="SagaRunner"/> runs the steps and reports their results to them.
/// </summary>
public sealed class Saga
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestUndoDelay = TimeSpan.FromSeconds(4);

    /// <summary>Saga id, sent with every step and compensation.</summary>
    public required Guid Id { get; init; }

    /// <summary>Which change it makes.</summary>
    public required SagaType Type { get; init; }

    /// <summary>Account that it changes. An account has at most one unfinished saga.</summary>
    public required Guid Subject { get; init; }

    /// <summary>Username of the account, for display.</summary>
    public required string Username { get; init; }

    /// <summary>Input of the steps as JSON; removed at the end, because it holds personal data.</summary>
    public string? Data { get; set; }

    /// <summary>Its state.</summary>
    public SagaState State { get; set; }

    /// <summary>Its steps in the order in which they are done; they are undone in the reverse order.</summary>
    public required List<StepProgress> Steps { get; init; }

    /// <summary>Attempts at steps and compensations so far.</summary>
    public int Attempts { get; set; }

    /// <summary>The last error; null when there was none.</summary>
    public string? LastError { get; set; }

    /// <summary>Why a step was refused; null when none was.</summary>
    public SagaRefusal? Refusal { get; set; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Until when failing steps are retried. After it the steps that were done are undone.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When the next attempt is due.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>When it ended; null while it hasn't.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>End of the lease of the replica that runs it.</summary>
    public required DateTimeOffset LeasedUntil { get; set; }

    /// <summary>Fencing token: it grows when another replica takes the saga over, and later writes of the former one are refused.</summary>
    public long Fence { get; init; } = 1;

    /// <summary>Account that requested it; null when nobody was signed in.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>Name of the account or service that requested it; empty when unknown.</summary>
    public required string Actor { get; init; }

    /// <summary>IP address of the request that started it.</summary>
    public string? Address { get; init; }

    /// <summary>W3C trace context of its start. Steps in other replicas belong to the same trace.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool IsFinished => State is SagaState.Completed or SagaState.RolledBack;

    /// <summary>Returns the step to do or, while <see cref="SagaState.Compensating"/>, to undo next; null when the saga has ended.</summary>
    public StepProgress? Next(DateTimeOffset now)
    {
        if (State == SagaState.Running && now >= Deadline)
            Compensate(now);

        return State switch
        {
            SagaState.Running => Steps.Find(step => step.State != StepState.Done),
            SagaState.Compensating => Steps.FindLast(step => step.MayHaveEffect),
            _ => null,
        };
    }

    /// <summary>Records that an attempt at a step begins. From now on the step may have an effect, even if this process crashes.</summary>
    public void Begin(StepProgress step, DateTimeOffset now)
    {
        Attempts++;
        step.StartedAt ??= now;
        if (State == SagaState.Compensating)
        {
            step.UndoAttempts++;
            return;
        }

        step.Attempts++;
        step.UncertainAttempts++;
    }

    /// <summary>Records that a step was done, or undone.</summary>
    public void Succeed(StepProgress step, DateTimeOffset now)
    {
        step.State = State == SagaState.Compensating ? StepState.Undone : StepState.Done;
        step.UncertainAttempts = 0;
        step.EndedAt = now;
        NextAttemptAt = now;
        if (State == SagaState.Running && Steps.TrueForAll(s => s.State == StepState.Done))
            Finish(SagaState.Completed, now);
        else if (State == SagaState.Compensating)
            Compensate(now);
    }

    /// <summary>Records that an attempt failed and will be repeated.</summary>
    /// <param name="step">Step that was tried.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="mayHaveEffect">False when the step is known not to be done, for example because the service could not be reached.</param>
    /// <param name="now">Time.</param>
    public void Fail(StepProgress step, string error, bool mayHaveEffect, DateTimeOffset now)
    {
        LastError = step.Error = error;
        if (State == SagaState.Compensating)
        {
            NextAttemptAt = now + Delay(step.UndoAttempts, LongestUndoDelay);
            return;
        }

        if (!mayHaveEffect)
            step.UncertainAttempts--;

        var next = now + Delay(step.Attempts, LongestDelay);
        NextAttemptAt = next < Deadline ? next : Deadline;
    }

    /// <summary>Records that a step was refused without effect. The steps before it are undone.</summary>
    public void Refuse(StepProgress step, SagaRefusal refusal, DateTimeOffset now)
    {
        LastError = step.Error = refusal.Detail;
        Refusal = refusal;
        step.UncertainAttempts--;
        step.EndedAt = now;
        NextAttemptAt = now;
        Compensate(now);
    }

    /// <summary>Starts compensation; ends the saga at once when there is nothing to undo.</summary>
    private void Compensate(DateTimeOffset now)
    {
        State = SagaState.Compensating;
        if (!Steps.Exists(step => step.MayHaveEffect))
            Finish(SagaState.RolledBack, now);
    }

    private void Finish(SagaState end, DateTimeOffset now)
    {
        State = end;
        FinishedAt = now;
        Data = null;
    }

    private static TimeSpan Delay(int attempts, TimeSpan longest)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(attempts - 1, 10));
        return delay < longest ? delay : longest;
    }
}
