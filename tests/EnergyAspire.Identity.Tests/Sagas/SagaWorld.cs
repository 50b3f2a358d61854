using System.Text.Json;
using EnergyAspire.Identity.Sagas;

namespace EnergyAspire.Identity.Tests.Sagas;

/// <summary>
/// A saga, the row that outlives its process, and services that behave as the real ones: a step has one effect however often it comes,
/// and none after it was undone. What happens at each point is somebody's choice.
/// </summary>
internal sealed class SagaWorld(SagaDefinition definition, SagaWorld.IChoices choices)
{
    private readonly bool[] _undone = new bool[definition.Steps.Count];
    private readonly List<int> _late = [];
    private string _row = JsonSerializer.Serialize(New(definition, DateTimeOffset.UnixEpoch));
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    /// <summary>Chooses among so many ways to go on, 0 being that all goes well.</summary>
    public interface IChoices
    {
        int Take(int of);
    }

    private enum Outcome
    {
        Done,
        NotReached,
        LostAnswer,
        LostRequest,
        DiesBefore,
        DiesAfter,
        PastDeadline,
        // Only when it is done, not when it is undone.
        Refused,
        Late,
    }

    /// <summary>Whether each step's effect is there.</summary>
    public bool[] IsDone { get; } = new bool[definition.Steps.Count];

    /// <summary>The saga as its row says.</summary>
    public Saga Saga => JsonSerializer.Deserialize<Saga>(_row)!;

    public static Saga New(SagaDefinition definition, DateTimeOffset now) => new()
    {
        Id = Guid.NewGuid(),
        Type = definition.Type,
        Subject = Guid.NewGuid(),
        Username = "alice",
        Data = "{}",
        Steps = [.. definition.Steps.Select(step => new StepProgress { Name = step.Name })],
        StartedAt = now,
        NextAttemptAt = now,
        Deadline = now.AddSeconds(10),
        LeasedUntil = now.AddSeconds(10),
        Actor = "",
    };

    public void RunToEnd()
    {
        while (!Saga.IsFinished)
            Advance();

        foreach (var late in _late)
            Do(late);
    }

    /// <summary>One turn of a replica, as <see cref="SagaRunner"/> makes it; death is that nothing more is written.</summary>
    private void Advance()
    {
        var saga = Saga;
        if (saga.NextAttemptAt > _now)
            _now = saga.NextAttemptAt;
        if (saga.Next(_now) is not { } step)
        {
            Write(saga);
            return;
        }

        var index = saga.Steps.IndexOf(step);
        var isUndo = saga.State == SagaState.Compensating;
        var isRemote = definition.Steps[index] is RemoteStep;
        var outcome = (Outcome)choices.Take(isUndo ? (int)Outcome.Refused : isRemote ? (int)Outcome.Late + 1 : (int)Outcome.Late);
        if (outcome == Outcome.PastDeadline)
        {
            _now = _now > saga.Deadline ? _now : saga.Deadline;
            return;
        }

        if (isRemote)
            TryRemote(saga, step, index, isUndo, outcome);
        else
            TryLocal(saga, step, index, isUndo, outcome);
    }

    private void TryRemote(Saga saga, StepProgress step, int index, bool isUndo, Outcome outcome)
    {
        saga.Begin(step, _now);
        Write(saga);
        if (outcome is Outcome.Done or Outcome.LostAnswer or Outcome.DiesAfter)
            Have(index, isUndo);
        if (outcome == Outcome.Late)
            _late.Add(index);
        if (outcome is Outcome.DiesBefore or Outcome.DiesAfter)
            return;

        if (outcome == Outcome.Done)
            saga.Succeed(step, _now);
        else if (outcome == Outcome.Refused)
            saga.Refuse(step, new SagaRefusal(409, "no"), _now);
        else
            saga.Fail(step, "fault", mayHaveEffect: outcome != Outcome.NotReached, _now);
        Write(saga);
    }

    /// <summary>Effect and row commit together, so there is no between.</summary>
    private void TryLocal(Saga saga, StepProgress step, int index, bool isUndo, Outcome outcome)
    {
        if (outcome == Outcome.DiesBefore)
            return;

        saga.Begin(step, _now);
        if (outcome is Outcome.Done or Outcome.DiesAfter or Outcome.LostAnswer)
        {
            Have(index, isUndo);
            saga.Succeed(step, _now);
        }
        else if (outcome == Outcome.Refused)
        {
            saga.Refuse(step, new SagaRefusal(409, "no"), _now);
        }
        else
        {
            saga.Fail(step, "fault", mayHaveEffect: false, _now);
        }

        Write(saga);
    }

    private void Have(int index, bool isUndo)
    {
        if (!isUndo)
        {
            Do(index);
            return;
        }

        (IsDone[index], _undone[index]) = (false, true);
    }

    private void Do(int index) => IsDone[index] |= !_undone[index];

    private void Write(Saga saga) => _row = JsonSerializer.Serialize(saga);
}
