namespace EnergyAspire.Services.Tests.Sagas;

/// <summary>
/// A replica that runs sagas dies at every boundary of every step: in each statement that writes the saga, in each commit, which then comes to
/// be or doesn't, and before, during and after each call to another service. Afterwards the four databases hold everything or nothing. The dead
/// replica is one that is cut off from everything; that a killed process is no different, <see cref="KillTests"/> show.
/// </summary>
public sealed class CutTests(ServiceSystem system, Survivor survivor) : IClassFixture<Survivor>
{
    private Deaths Deaths => new(system, survivor.Replica.Client, leaseEnds: true);

    [Theory]
    [InlineData("registration", GateKind.Statement, 8, false)]
    [InlineData("registration", GateKind.Commit, 7, false)]
    [InlineData("registration", GateKind.Commit, 7, true)]
    [InlineData("update", GateKind.Statement, 5, false)]
    [InlineData("update", GateKind.Commit, 4, false)]
    [InlineData("update", GateKind.Commit, 4, true)]
    [InlineData("deletion", GateKind.Statement, 7, false)]
    [InlineData("deletion", GateKind.Commit, 7, false)]
    [InlineData("deletion", GateKind.Commit, 7, true)]
    public async Task A_death_at_each_write_leaves_all_or_nothing(string saga, GateKind kind, int writes, bool isCommitted)
    {
        Assert.Equal(writes, await Deaths.CountWritesAsync(survivor.Replica, saga, kind));

        await using var replica = await CutReplica.StartAsync(system);
        await Deaths.DieAsync(replica, saga, [.. Enumerable.Range(1, writes).Select(write => new Moment(kind, write, isCommitted))]);
    }

    [Theory]
    [InlineData("registration", 2, CallMoment.Before)]
    [InlineData("registration", 2, CallMoment.After)]
    [InlineData("registration", 2, CallMoment.Late)]
    [InlineData("update", 1, CallMoment.Before)]
    [InlineData("update", 1, CallMoment.After)]
    [InlineData("update", 1, CallMoment.Late)]
    [InlineData("deletion", 2, CallMoment.Before)]
    [InlineData("deletion", 2, CallMoment.After)]
    [InlineData("deletion", 2, CallMoment.Late)]
    public async Task A_death_at_each_call_leaves_all_or_nothing(string saga, int calls, CallMoment moment)
    {
        await using var replica = await CutReplica.StartAsync(system);
        await Deaths.DieAsync(replica, saga, [.. Enumerable.Range(1, calls).Select(call => new Moment(Kind: null, call, Call: moment))]);
    }
}

/// <summary>A replica that lives on, in the tests' process.</summary>
public sealed class Survivor(ServiceSystem system) : IAsyncLifetime
{
    public CutReplica Replica { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Replica = await CutReplica.StartAsync(system);

    public ValueTask DisposeAsync() => Replica.DisposeAsync();
}
