using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Sagas;

namespace EnergyAspire.Identity.Tests.Sagas;

/// <summary>Every saga under every interleaving of successes, lost answers, late arrivals, refusals, deaths and passed deadlines, up to three faults.</summary>
public sealed class SagaMachineTests
{
    private const int MostFaults = 3;

    public static TheoryData<SagaType> Types => [SagaType.Registration, SagaType.Update, SagaType.Deletion];

    [Theory]
    [MemberData(nameof(Types))]
    public void Whatever_happens_a_saga_ends_with_every_step_done_or_none(SagaType type)
    {
        var definition = new[] { AccountSagas.Registration, AccountSagas.Update, AccountSagas.Deletion }.Single(d => d.Type == type);
        var ends = new Dictionary<SagaState, int>();
        foreach (var choices in Choices.Explore())
        {
            var world = new SagaWorld(definition, choices);

            world.RunToEnd();

            ends[world.Saga.State] = ends.GetValueOrDefault(world.Saga.State) + 1;
            var expected = world.Saga.State == SagaState.Completed;
            Assert.True(
                world.IsDone.All(done => done == expected),
                $"{world.Saga.State} with {string.Join(", ", definition.Steps.Zip(world.IsDone, (step, done) => $"{step.Name} {(done ? "done" : "not done")}"))} after {choices}");
            Assert.True(world.Saga.Refusal is null || world.Saga.State == SagaState.RolledBack, $"refused, but {world.Saga.State} after {choices}");
            Assert.Null(world.Saga.Data);
        }

        Assert.True(ends[SagaState.Completed] > 100 && ends[SagaState.RolledBack] > 100, string.Join(", ", ends));
    }

    [Fact]
    public void A_step_that_surely_was_never_done_is_not_undone()
    {
        var now = DateTimeOffset.UnixEpoch;
        var saga = SagaWorld.New(AccountSagas.Registration, now);
        Advance("login", saga.Succeed);
        Advance("profile", (step, at) => saga.Fail(step, "nobody there", mayHaveEffect: false, at));

        Assert.Equal("login", saga.Next(saga.Deadline)!.Name);
        Assert.Equal(SagaState.Compensating, saga.State);

        void Advance(string name, Action<StepProgress, DateTimeOffset> outcome)
        {
            var step = saga.Next(now)!;
            Assert.Equal(name, step.Name);
            saga.Begin(step, now);
            outcome(step, now);
        }
    }

    [Fact]
    public void Tries_come_at_growing_distances_and_never_after_the_deadline()
    {
        var now = DateTimeOffset.UnixEpoch;
        var saga = SagaWorld.New(AccountSagas.Update, now);
        var waits = new List<double>();
        while (saga.Next(now) is { } step && saga.State == SagaState.Running)
        {
            saga.Begin(step, now);
            saga.Fail(step, "away", mayHaveEffect: true, now);
            waits.Add((saga.NextAttemptAt - now).TotalMilliseconds);
            now = saga.NextAttemptAt;
        }

        Assert.Equal([100, 200, 400, 800, 1000], waits.Take(5));
        Assert.Equal(saga.Deadline, now);
    }

    /// <summary>Sequences of choices, each a run; the next differs from the last in its last choice that can still differ.</summary>
    private sealed class Choices : SagaWorld.IChoices
    {
        private readonly List<(int Taken, int Of)> _taken = [];
        private int _position;
        private int _faults;

        public static IEnumerable<Choices> Explore()
        {
            var choices = new Choices();
            do
            {
                yield return choices;
            }
            while (choices.MoveNext());
        }

        /// <summary>Takes one of so many ways to go on; the first is that all goes well.</summary>
        public int Take(int of)
        {
            if (_position == _taken.Count)
                _taken.Add((0, _faults < MostFaults ? of : 1));

            var choice = _taken[_position++].Taken;
            if (choice > 0)
                _faults++;

            return choice;
        }

        public override string ToString() => string.Join(' ', _taken.Take(_position).Select(choice => choice.Taken));

        private bool MoveNext()
        {
            _taken.RemoveRange(_position, _taken.Count - _position);
            while (_taken.Count > 0 && _taken[^1].Taken + 1 >= _taken[^1].Of)
                _taken.RemoveAt(_taken.Count - 1);
            (_position, _faults) = (0, 0);
            if (_taken.Count == 0)
                return false;

            _taken[^1] = (_taken[^1].Taken + 1, _taken[^1].Of);
            return true;
        }
    }
}
