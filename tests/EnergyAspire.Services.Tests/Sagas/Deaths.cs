using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.Services.Tests.Sagas;

/// <summary>When a call is interrupted.</summary>
public enum CallMoment
{
    /// <summary>The service never gets it.</summary>
    Before,

    /// <summary>The service has acted, its answer is lost.</summary>
    After,

    /// <summary>The service gets it after the saga's end.</summary>
    Late,
}

/// <summary>A moment of a saga at which the replica that runs it dies.</summary>
/// <param name="Kind">Which kind of write waits meanwhile; null when a call does.</param>
/// <param name="Number">Which write or call of the saga it is, from 1.</param>
/// <param name="IsCommitted">Whether the write is committed all the same.</param>
/// <param name="Call">What becomes of the call.</param>
public sealed record Moment(GateKind? Kind, int Number, bool IsCommitted = false, CallMoment Call = default)
{
    public override string ToString() => Kind is null ? $"call {Number}, {Call}" : $"{Kind} {Number}, {(IsCommitted ? "committed" : "not committed")}";
}

/// <summary>Lets a replica that runs sagas die, each of them at a chosen moment, and requires everything or nothing of the four databases afterwards.</summary>
/// <param name="system">The services. Another replica than the one that dies goes on with the sagas.</param>
/// <param name="survivor">Calls a replica that lives on.</param>
/// <param name="leaseEnds">Whether the lease of the dead ends at once; otherwise the others wait for its end as in life.</param>
public sealed class Deaths(ServiceSystem system, HttpClient survivor, bool leaseEnds)
{
    private const string Password = "correct horse battery";

    private static int _number;

    /// <summary>Runs a saga that nobody interrupts, and returns how many writes of a kind it has.</summary>
    public async Task<long> CountWritesAsync(IReplica replica, string saga, GateKind kind)
    {
        var trial = await PrepareAsync(saga, new Moment(kind, 0));
        await using var gate = trial.Gate = await Gate.CloseAsync(system.Databases.Auth, trial.Username, kind, write: 0);
        await CallAsync(replica, trial, await AdminAsync());

        var count = await gate.CountAsync();
        await gate.OpenAsync();
        await CheckAsync(trial);
        return count;
    }

    /// <summary>The replica dies once while as many sagas as there are moments wait, each at its moment.</summary>
    public async Task DieAsync(IReplica replica, string saga, params IReadOnlyList<Moment> moments)
    {
        var trials = await Task.WhenAll(moments.Select(moment => PrepareAsync(saga, moment)));
        var admin = await AdminAsync();
        var sagas = new ConcurrentDictionary<Guid, Trial?>();
        RelayBehaviour hold = async (call, forward) =>
        {
            if (call.SagaId is not { } id || call.IsCompensation)
                return await forward();

            var username = await system.Databases.Auth.ScalarAsync<string>("select username from sagas where id = $1", id);
            var trial = sagas.GetOrAdd(id, _ => Array.Find(trials, trial => trial.Username == username));
            return trial is null ? await forward() : await trial.HoldAsync(forward);
        };
        (replica.Users.Behaviour, replica.Devices.Behaviour) = (hold, hold);

        // The latest moments first: an early one may hold locks that another saga needs on its way.
        foreach (var trial in trials.OrderByDescending(trial => trial.Moment.Number))
            await StartAsync(replica, trial, admin);
        replica.Kill();
        foreach (var trial in trials)
            await trial.GoOnAsync();
        await EndLeasesAsync(trials);

        foreach (var trial in trials)
        {
            await trial.Caller;
            if (trial.Moment is { Kind: null, Call: CallMoment.Late })
            {
                // The call arrives when its saga has long gone on, or back, without it.
                await EndOfAsync(trial);
                await trial.ArriveAsync();
            }

            await CheckAsync(trial);
        }

        (replica.Users.Behaviour, replica.Devices.Behaviour) = (Relay.Honest, Relay.Honest);
    }

    private async Task<Trial> PrepareAsync(string saga, Moment moment)
    {
        var username = $"{saga}-{Interlocked.Increment(ref _number)}";
        if (saga == "registration")
            return new Trial(saga, username, Id: null, Before: Holdings.None, moment);

        var id = await system.AddPersonAsync(username, Password, survivor);
        var before = new Holdings($"{username} client Active", $"{username} client Old", $"{username} client", 2, $"{username} client", 2);
        await Eventually.GetAsync(() => system.Databases.HoldingsAsync(id), holdings => holdings == before, "everybody knows the new person");

        return new Trial(saga, username, id, before, moment);
    }

    private async Task StartAsync(IReplica replica, Trial trial, AuthenticationHeaderValue admin)
    {
        if (trial.Moment.Kind is { } kind)
            trial.Gate = await Gate.CloseAsync(system.Databases.Auth, trial.Username, kind, trial.Moment.Number);

        trial.Caller = CallAsync(replica, trial, admin);
        Assert.True(await ReachedAsync(trial.IsReachedAsync, trial.Caller), $"{trial}: there is no such moment.");
    }

    private async Task<AuthenticationHeaderValue> AdminAsync()
    {
        using var request = await system.AdminAsync(HttpMethod.Get, "/");
        return request.Headers.Authorization!;
    }

    /// <summary>Asks for the saga; a caller whose server dies gets no answer.</summary>
    private static async Task CallAsync(IReplica replica, Trial trial, AuthenticationHeaderValue admin)
    {
        using var request = trial.Saga switch
        {
            "registration" => new HttpRequestMessage(HttpMethod.Post, "/api/auth/register")
            {
                Content = JsonContent.Create(new { username = trial.Username, password = Password, fname = "New" }),
            },
            "update" => new HttpRequestMessage(HttpMethod.Put, $"/api/auth/users/{trial.Id}")
            {
                Content = JsonContent.Create(new { username = trial.NewUsername, role = "admin", password = "another password", fname = "New" }),
            },
            _ => new HttpRequestMessage(HttpMethod.Delete, $"/api/auth/users/{trial.Id}"),
        };
        if (trial.Saga != "registration")
            request.Headers.Authorization = admin;
        try
        {
            using var response = await replica.Client.SendAsync(request);
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
            await Task.Delay(10);
        }

        return true;
    }

    private async Task EndLeasesAsync(Trial[] trials)
    {
        if (leaseEnds)
        {
            await system.Databases.Auth.ScalarAsync<object>(
                "update sagas set leased_until = now() - interval '1 minute' where username = any($1) and finished_at is null",
                (object)trials.Select(trial => trial.Username).ToArray());
        }
    }

    private Task<(string State, Guid Subject)?> EndOfAsync(Trial trial) => Eventually.GetAsync(
        () => system.Databases.SagaAsync(trial.Username),
        saga => saga is null or { State: "Completed" or "RolledBack" }, $"the saga of {trial.Username} has ended", TimeSpan.FromMinutes(2));

    /// <summary>Everything or nothing, in all four databases, and the saga says which.</summary>
    private async Task CheckAsync(Trial trial)
    {
        var saga = trial.Saga == "registration" || await system.Databases.SagaAsync(trial.Username) is { } ? await EndOfAsync(trial) : null;
        var id = trial.Id ?? saga?.Subject ?? Guid.Empty;
        // An update's saga may not have come to be; then the newest one is the registration, and nothing has changed.
        var isDone = saga?.State == "Completed" && await system.Databases.Auth.ScalarAsync<string>(
            "select lower(type) from sagas where subject = $1 order by id desc limit 1", id) == trial.Saga;

        await Eventually.GetAsync(
            () => system.Databases.HoldingsAsync(id),
            holdings => holdings == (isDone ? trial.After : trial.Before), $"{trial}: {(isDone ? "everything is done" : "nothing has happened")}");
        Assert.Equal(0, await system.Databases.Auth.ScalarAsync<long>(
            "select count(*) from sagas where finished_at is null and username = $1", trial.Username));
        await CheckSignInAsync(trial, isDone);
    }

    private async Task CheckSignInAsync(Trial trial, bool isDone)
    {
        var (username, password, isAllowed) = (trial.Saga, isDone) switch
        {
            ("registration", _) => (trial.Username, Password, isDone),
            ("update", true) => (trial.NewUsername, "another password", true),
            ("update", false) => (trial.Username, Password, true),
            _ => (trial.Username, Password, !isDone),
        };
        using var answer = await survivor.PostAsJsonAsync("/api/auth/login", new { username, password });

        Assert.True(answer.StatusCode == (isAllowed ? HttpStatusCode.OK : HttpStatusCode.Unauthorized), $"{trial}: signing in gave {answer.StatusCode}");
    }

    private sealed record Trial(string Saga, string Username, Guid? Id, Holdings Before, Moment Moment)
    {
        private readonly TaskCompletionSource _atCall = new();
        private readonly TaskCompletionSource _go = new();
        private readonly TaskCompletionSource _arrived = new();
        private int _calls;

        public Gate? Gate { get; set; }

        public Task Caller { get; set; } = Task.CompletedTask;

        public string NewUsername => $"{Username}-new";

        public Holdings After => Saga switch
        {
            "registration" => new Holdings($"{Username} client Active", $"{Username} client New", $"{Username} client", 0, $"{Username} client", 0),
            "update" => new Holdings($"{NewUsername} admin Active", $"{NewUsername} admin New", $"{NewUsername} admin", 2, $"{NewUsername} admin", 2),
            _ => Holdings.None,
        };

        public Task<bool> IsReachedAsync() => Gate is null ? Task.FromResult(_atCall.Task.IsCompleted) : Gate.IsReachedAsync();

        /// <summary>What becomes of a call of the saga.</summary>
        public async Task<HttpResponseMessage?> HoldAsync(Func<Task<HttpResponseMessage>> forward)
        {
            if (Moment.Kind is not null || Interlocked.Increment(ref _calls) != Moment.Number)
                return await forward();

            var answer = Moment.Call == CallMoment.After ? await forward() : null;
            _atCall.SetResult();
            await _go.Task;
            if (Moment.Call == CallMoment.Late)
                answer = await forward();
            _arrived.SetResult();
            return answer;
        }

        /// <summary>Lets go on what waits, whose replica has died.</summary>
        public async Task GoOnAsync()
        {
            if (Gate is not null)
            {
                await Gate.OpenForTheDeadAsync(Moment.IsCommitted);
                await Gate.DisposeAsync();
            }
            else if (Moment.Call != CallMoment.Late)
            {
                await ArriveAsync();
            }
        }

        /// <summary>Lets the call go on that waits.</summary>
        public Task ArriveAsync()
        {
            _go.SetResult();
            return _arrived.Task;
        }

        public override string ToString() => $"{Saga}, dead at {Moment}";
    }
}
