using System.Net;
using System.Net.Http.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.Services.Tests.Sagas;

/// <summary>
/// The process that runs a saga is killed (-9) at every boundary of every step: before and after each of its writes commits, and before,
/// during and after each call to another service. Afterwards the four databases hold everything or nothing.
/// </summary>
public sealed class KillTests(ServiceSystem system)
{
    private const string Password = "correct horse battery";

    private static int _number;

    [Theory]
    [InlineData("registration", 7)]
    [InlineData("update", 4)]
    [InlineData("deletion", 7)]
    public async Task A_death_at_a_write_leaves_all_or_nothing(string saga, int writes)
    {
        var write = 1;
        foreach (var isCommitted in new[] { false, true })
        {
            for (write = 1; await DieAtWriteAsync(saga, write, isCommitted); write++)
            {
            }

            Assert.True(write > writes, $"The saga has {write - 1} writes, but {writes} were to be interrupted.");
        }
    }

    [Theory]
    [InlineData("registration", 2)]
    [InlineData("update", 1)]
    [InlineData("deletion", 2)]
    public async Task A_death_at_a_call_leaves_all_or_nothing(string saga, int calls)
    {
        foreach (var moment in Enum.GetValues<Moment>())
        {
            for (var call = 1; call <= calls; call++)
                Assert.True(await DieAtCallAsync(saga, call, moment), $"The saga has no call {call}.");
        }
    }

    private async Task<bool> DieAtWriteAsync(string saga, int write, bool isCommitted)
    {
        var trial = await PrepareAsync(saga);
        var holder = await system.Databases.Auth.CloseGateAsync(write);

        var caller = CallAsync(trial);
        var reached = await ReachedAsync(system.Databases.Auth.IsSomebodyAtTheGateAsync, caller);
        if (reached)
            system.Identity.Kill();
        await system.Databases.Auth.OpenGateAsync(holder, kill: reached && !isCommitted);
        await caller;

        await CheckAsync(trial, $"{saga} killed at write {write}, {(isCommitted ? "committed" : "not committed")}");
        await system.SwapAsync();

        return reached;
    }

    private async Task<bool> DieAtCallAsync(string saga, int number, Moment moment)
    {
        var trial = await PrepareAsync(saga);
        var seen = 0;
        var atCall = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        RelayBehaviour hold = async (call, forward) =>
        {
            if (call.SagaId is null || call.IsCompensation || Interlocked.Increment(ref seen) != number)
                return await forward();

            var answer = moment == Moment.After ? await forward() : null;
            atCall.TrySetResult();
            await go.Task;
            return moment == Moment.Late ? await forward() : answer;
        };
        (system.Users.Behaviour, system.Devices.Behaviour) = (hold, hold);

        var caller = CallAsync(trial);
        var reached = await ReachedAsync(() => Task.FromResult(atCall.Task.IsCompleted), caller);
        if (reached)
            system.Identity.Kill();
        if (moment != Moment.Late)
            go.SetResult();
        await caller;
        await system.Other.StartAsync();
        if (moment == Moment.Late)
        {
            // The call arrives when its saga has long gone on, or back, without it.
            await EndOfAsync(trial);
            go.SetResult();
        }

        await CheckAsync(trial, $"{saga} killed at call {number}, {moment}");
        (system.Users.Behaviour, system.Devices.Behaviour) = (Relay.Honest, Relay.Honest);
        await system.SwapAsync();

        return reached;
    }

    private async Task<Trial> PrepareAsync(string saga)
    {
        var username = $"{saga}-{Interlocked.Increment(ref _number)}";
        if (saga == "registration")
            return new Trial(saga, username, Id: null, Before: Holdings.None);

        var id = await system.AddPersonAsync(username, Password);
        var before = new Holdings($"{username} client Active", $"{username} client Old", $"{username} client", 2, $"{username} client", 2);
        await Eventually.GetAsync(() => system.Databases.HoldingsAsync(id), holdings => holdings == before, "everybody knows the new person");

        return new Trial(saga, username, id, before);
    }

    /// <summary>Asks for the saga; a caller whose server dies gets no answer.</summary>
    private async Task CallAsync(Trial trial)
    {
        using var request = trial.Saga switch
        {
            "registration" => new HttpRequestMessage(HttpMethod.Post, "/api/auth/register")
            {
                Content = JsonContent.Create(new { username = trial.Username, password = Password, fname = "New" }),
            },
            "update" => await system.AdminAsync(
                HttpMethod.Put, $"/api/auth/users/{trial.Id}",
                new { username = trial.NewUsername, role = "admin", password = "another password", fname = "New" }),
            _ => await system.AdminAsync(HttpMethod.Delete, $"/api/auth/users/{trial.Id}"),
        };
        try
        {
            using var response = await system.Identity.Client.SendAsync(request);
        }
        catch (HttpRequestException)
        {
            // It died.
        }
    }

    private static async Task<bool> ReachedAsync(Func<Task<bool>> isReached, Task caller)
    {
        while (!await isReached())
        {
            if (caller.IsCompleted)
                return await isReached();
            await Task.Delay(5);
        }

        return true;
    }

    private Task<(string State, Guid Subject)?> EndOfAsync(Trial trial) => Eventually.GetAsync(
        () => system.Databases.SagaAsync(trial.Username),
        saga => saga is null or { State: "Completed" or "RolledBack" }, $"the saga of {trial.Username} has ended", TimeSpan.FromSeconds(15));

    /// <summary>Everything or nothing, in all four databases, and the saga says which.</summary>
    private async Task CheckAsync(Trial trial, string what)
    {
        await system.Other.StartAsync();
        var saga = trial.Saga == "registration" || await system.Databases.SagaAsync(trial.Username) is { } ? await EndOfAsync(trial) : null;
        var id = trial.Id ?? saga?.Subject ?? Guid.Empty;
        // An update's saga may not have come to be; then the newest one is the registration, and nothing has changed.
        var isDone = saga?.State == "Completed" && await system.Databases.Auth.ScalarAsync<string>(
            "select lower(type) from sagas where subject = $1 order by id desc limit 1", id) == trial.Saga;

        await Eventually.GetAsync(
            () => system.Databases.HoldingsAsync(id),
            holdings => holdings == (isDone ? trial.After : trial.Before), $"{what}: {(isDone ? "everything is done" : "nothing has happened")}");
        Assert.Equal(0, await system.Databases.Auth.ScalarAsync<long>("select count(*) from sagas where finished_at is null"));
        await CheckSignInAsync(trial, isDone, what);
    }

    private async Task CheckSignInAsync(Trial trial, bool isDone, string what)
    {
        var (username, password, isAllowed) = (trial.Saga, isDone) switch
        {
            ("registration", _) => (trial.Username, Password, isDone),
            ("update", true) => (trial.NewUsername, "another password", true),
            ("update", false) => (trial.Username, Password, true),
            _ => (trial.Username, Password, !isDone),
        };
        using var answer = await system.Other.Client.PostAsJsonAsync("/api/auth/login", new { username, password });

        Assert.True(answer.StatusCode == (isAllowed ? HttpStatusCode.OK : HttpStatusCode.Unauthorized), $"{what}: signing in gave {answer.StatusCode}");
    }

    /// <summary>When a call is interrupted.</summary>
    private enum Moment
    {
        /// <summary>The service never gets it.</summary>
        Before,

        /// <summary>The service has acted, its answer is lost.</summary>
        After,

        /// <summary>The service gets it after the saga's end.</summary>
        Late,
    }

    private sealed record Trial(string Saga, string Username, Guid? Id, Holdings Before)
    {
        public string NewUsername => $"{Username}-new";

        public Holdings After => Saga switch
        {
            "registration" => new Holdings($"{Username} client Active", $"{Username} client New", $"{Username} client", 0, $"{Username} client", 0),
            "update" => new Holdings($"{NewUsername} admin Active", $"{NewUsername} admin New", $"{NewUsername} admin", 2, $"{NewUsername} admin", 2),
            _ => Holdings.None,
        };
    }
}
