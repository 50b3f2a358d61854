namespace EnergyAspire.Services.Tests.Sagas;

/// <summary>
/// The process that runs a saga is killed (-9) at each kind of moment, and other processes go on with it when its lease has run out. What every single
/// moment leaves behind, <see cref="CutTests"/> look at.
/// </summary>
public sealed class KillTests(ServiceSystem system)
{
    [Theory]
    [InlineData("registration", 1, false)]
    [InlineData("registration", 4, true)]
    [InlineData("registration", 7, false)]
    [InlineData("update", 1, false)]
    [InlineData("update", 2, true)]
    [InlineData("update", 4, false)]
    [InlineData("deletion", 1, false)]
    [InlineData("deletion", 4, true)]
    [InlineData("deletion", 7, false)]
    public async Task A_kill_at_the_first_a_middle_and_the_last_commit_leaves_all_or_nothing(string saga, int commit, bool isCommitted)
    {
        await new Deaths(system, system.Other.Client, leaseEnds: false)
            .DieAsync(new ProcessReplica(system), saga, new Moment(GateKind.Commit, commit, isCommitted));
        await system.SwapAsync();
    }

    [Theory]
    [InlineData("registration", 1, CallMoment.Before)]
    [InlineData("registration", 2, CallMoment.After)]
    [InlineData("update", 1, CallMoment.Before)]
    [InlineData("update", 1, CallMoment.After)]
    [InlineData("deletion", 1, CallMoment.Before)]
    [InlineData("deletion", 2, CallMoment.After)]
    public async Task A_kill_before_and_after_a_call_leaves_all_or_nothing(string saga, int call, CallMoment moment)
    {
        await new Deaths(system, system.Other.Client, leaseEnds: false)
            .DieAsync(new ProcessReplica(system), saga, new Moment(Kind: null, call, Call: moment));
        await system.SwapAsync();
    }
}
