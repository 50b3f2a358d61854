namespace EnergyAspire.Identity.Sagas;

/// <summary>Which change a saga makes.</summary>
public enum SagaType
{
    /// <summary>A new account.</summary>
    Registration,

    /// <summary>A change of an account and its profile.</summary>
    Update,

    /// <summary>The end of an account.</summary>
    Deletion,
}

/// <summary>Where a saga is.</summary>
public enum SagaState
{
    /// <summary>Its steps are being done.</summary>
    Running,

    /// <summary>A step failed for good; what was done is being undone.</summary>
    Compensating,

    /// <summary>Everything is done.</summary>
    Completed,

    /// <summary>Everything is as it was before.</summary>
    RolledBack,
}

/// <summary>
/// A change that several services make together or not at all, as data: which step is next follows from this row alone, so any replica
/// can go on with it. The methods are its state machine; <see cref="SagaRunner"/> does what they ask for and tells them what came of it.
/// </summary>
public sealed class Saga
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestUndoDelay = TimeSpan.FromSeconds(4);

    /// <summary>Saga id; goes with every step and compensation.</summary>
    public required Guid Id { get; init; }

    /// <summary>Which change it makes.</summary>
    public required SagaType Type { get; init; }

    /// <summary>Account that it is about; one unfinished saga an account.</summary>
    public required Guid Subject { get; init; }

    /// <summary>Username of the account, for people.</summary>
    public required string Username { get; init; }

    /// <summary>What the steps need to know, as JSON; removed at the end, because it holds personal data.</summary>
    public string? Data { get; set; }

    /// <summary>Where it is.</summary>
    public SagaState State { get; set; }

    /// <summary>Its steps in the order in which they are done; they are undone in the reverse order.</summary>
    public required List<StepProgress> Steps { get; init; }

    /// <summary>Tries of steps and compensations so far.</summary>
    public int Attempts { get; set; }

    /// <summary>What last went wrong; null when nothing did.</summary>
    public string? LastError { get; set; }

    /// <summary>Why a step said no for good; null when none did.</summary>
    public SagaRefusal? Refusal { get; set; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Until when failing steps are tried again; afterwards what was done is undone.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When the next try is due.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>When it ended; null while it hasn't.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Until when the replica that runs it has it for itself.</summary>
    public required DateTimeOffset LeasedUntil { get; set; }

    /// <summary>Grows when another replica takes the saga over; what the former one still writes is refused.</summary>
    public long Fence { get; init; } = 1;

    /// <summary>Account that asked for it; null when nobody was signed in.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>Name of who asked for it; empty when unknown.</summary>
    public required string Actor { get; init; }

    /// <summary>Address that it was asked for from.</summary>
    public string? Address { get; init; }

    /// <summary>W3C trace context that it began in; its steps belong to the same trace, whichever replica does them.</summary>
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

    /// <summary>Notes that a step is about to be tried. From now on it may have had its effect, whatever becomes of this process.</summary>
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

    /// <summary>The step was done, or undone.</summary>
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

    /// <summary>The try failed and will be repeated.</summary>
    /// <param name="step">Step that was tried.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="mayHaveEffect">False when the step surely was not done, for example because nobody was there to hear of it.</param>
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

    /// <summary>The step said no, without effect; what was done before is undone.</summary>
    public void Refuse(StepProgress step, SagaRefusal refusal, DateTimeOffset now)
    {
        LastError = step.Error = refusal.Detail;
        Refusal = refusal;
        step.UncertainAttempts--;
        step.EndedAt = now;
        NextAttemptAt = now;
        Compensate(now);
    }

    /// <summary>Goes back from now on; at once at the end when there is nothing to undo.</summary>
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
