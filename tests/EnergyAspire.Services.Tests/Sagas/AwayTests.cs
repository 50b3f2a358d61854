using System.Net;
using System.Net.Http.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.Services.Tests.Sagas;

/// <summary>What is wrong with a service.</summary>
public enum Trouble
{
    /// <summary>Nobody listens.</summary>
    Down,

    /// <summary>It acts, and answers too late.</summary>
    Slow,

    /// <summary>It answers 500 and has done nothing.</summary>
    Failing,

    /// <summary>It has acted, and answers 500.</summary>
    FailingAfterwards,
}

/// <summary>What becomes of sagas while Users or Devices is down, slow or failing: for good, or for a moment.</summary>
public sealed class AwayTests(ServiceSystem system)
{
    private const string Password = "correct horse battery";

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2.5);

    // The troubles are replicas' own, and wait more than they work.
    private static readonly ParallelOptions AFew = new() { MaxDegreeOfParallelism = 4 };

    private static readonly (string Service, Trouble Trouble)[] Troubles =
        [.. from trouble in Enum.GetValues<Trouble>() from service in new[] { "users", "devices" } select (service, trouble)];

    private static int _number;

    [Fact]
    public Task While_a_service_stays_away_everything_that_needs_it_is_undone() => ForEachAsync(TimeSpan.FromSeconds(6), async (replica, service, trouble) =>
    {
        var trial = await PrepareAsync();
        await BreakAsync(replica, service, trouble);

        var answers = await AllAsync(replica, trial);

        await MendAsync(replica, service);
        await NoSagaIsLeftAsync(trial.Name);
        // Devices learns of an update by its event.
        var updated = service == "devices";
        Assert.Equal(
            [HttpStatusCode.ServiceUnavailable, updated ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable],
            answers);
        var registration = (await system.Databases.SagaAsync(trial.Registered))!.Value;
        Assert.Equal("RolledBack", registration.State);
        await HoldsAsync(registration.Subject, Holdings.None);
        await HoldsAsync(trial.Updated, updated ? trial.AfterUpdate : trial.BeforeUpdate);
        await HoldsAsync(trial.Deleted, trial.BeforeDeletion);
    });

    [Fact]
    public Task While_a_service_is_away_for_a_moment_only_everybody_waits_a_moment() => ForEachAsync(TimeSpan.FromSeconds(30), async (replica, service, trouble) =>
    {
        var trial = await PrepareAsync();
        await BreakAsync(replica, service, trouble);

        var answers = AllAsync(replica, trial);
        await Task.Delay(Moment, TestContext.Current.CancellationToken);
        await MendAsync(replica, service);

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.NoContent], await answers);
        var registration = (await system.Databases.SagaAsync(trial.Registered))!.Value;
        await HoldsAsync(registration.Subject, trial.AfterRegistration);
        await HoldsAsync(trial.Updated, trial.AfterUpdate);
        await HoldsAsync(trial.Deleted, Holdings.None);
    });

    [Fact]
    public async Task A_saga_whose_caller_goes_away_still_ends()
    {
        var username = $"hurried-{Interlocked.Increment(ref _number)}";
        await BreakAsync(new ProcessReplica(system), "users", Trouble.Failing);
        using var impatient = new CancellationTokenSource();
        var call = system.Identity.Client.PostAsJsonAsync("/api/auth/register", new { username, password = Password }, impatient.Token);
        await Eventually.TrueAsync(async () => await system.Databases.SagaAsync(username) is not null, "the saga has begun");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await MendAsync(new ProcessReplica(system), "users");

        await NoSagaIsLeftAsync(username);
        Assert.Equal("Completed", (await system.Databases.SagaAsync(username))!.Value.State);
    }

    [Fact]
    public async Task A_dead_replica_s_saga_is_taken_over_within_fifteen_seconds_with_the_settings_of_life()
    {
        var username = $"waiting-{Interlocked.Increment(ref _number)}";
        using var patient = system.AddReplica(
            ("Sagas__Deadline", "00:00:10"), ("Sagas__StepTimeout", "00:00:03"), ("Sagas__Lease", "00:00:10"));
        await patient.StartAsync();
        await BreakAsync(new ProcessReplica(system), "users", Trouble.Failing);
        var call = patient.Client.PostAsJsonAsync("/api/auth/register", new { username, password = Password }, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => await system.Databases.SagaAsync(username) is not null, "the saga has begun");

        patient.Kill();
        var died = DateTimeOffset.UtcNow;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => call);
        await MendAsync(new ProcessReplica(system), "users");

        await Eventually.TrueAsync(
            async () => (await system.Databases.SagaAsync(username))!.Value.State is "Completed" or "RolledBack",
            "somebody has ended the saga", TimeSpan.FromSeconds(15) - (DateTimeOffset.UtcNow - died));
    }

    /// <summary>Does something for each trouble with a replica of its own.</summary>
    private Task ForEachAsync(TimeSpan deadline, Func<CutReplica, string, Trouble, Task> work) => Parallel.ForEachAsync(Troubles, AFew, async (at, _) =>
    {
        await using var replica = await CutReplica.StartAsync(system, deadline, stepTimeout: TimeSpan.FromSeconds(2));
        try
        {
            await work(replica, at.Service, at.Trouble);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{at.Service} {at.Trouble}: {failure.Message}", failure);
        }
    });

    private async Task<Trial> PrepareAsync()
    {
        var name = $"away-{Interlocked.Increment(ref _number)}";
        var trial = new Trial(name, await system.AddPersonAsync($"{name}-u", Password), await system.AddPersonAsync($"{name}-d", Password));
        await HoldsAsync(trial.Updated, trial.BeforeUpdate);
        await HoldsAsync(trial.Deleted, trial.BeforeDeletion);

        return trial;
    }

    /// <summary>A registration, an update and a deletion at once.</summary>
    private async Task<HttpStatusCode[]> AllAsync(CutReplica replica, Trial trial)
    {
        using var update = await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{trial.Updated}", new { username = $"{trial.Name}-v", fname = "New" });
        using var delete = await system.AdminAsync(HttpMethod.Delete, $"/api/auth/users/{trial.Deleted}");
        var answers = await Task.WhenAll(
            replica.Client.PostAsJsonAsync("/api/auth/register", new { username = trial.Registered, password = Password, fname = "New" }),
            replica.Client.SendAsync(update),
            replica.Client.SendAsync(delete));

        return [.. answers.Select(answer => answer.StatusCode)];
    }

    private static async Task BreakAsync(IReplica replica, string service, Trouble trouble)
    {
        var relay = service == "users" ? replica.Users : replica.Devices;
        if (trouble == Trouble.Down)
            await relay.StopAsync();

        relay.Behaviour = trouble switch
        {
            Trouble.Slow => async (_, forward) =>
            {
                var answer = await forward();
                await Task.Delay(Moment);
                return answer;
            }
            ,
            Trouble.Failing => (_, _) => Task.FromResult<HttpResponseMessage?>(new HttpResponseMessage(HttpStatusCode.InternalServerError)),
            Trouble.FailingAfterwards => async (_, forward) =>
            {
                using var answer = await forward();
                return new HttpResponseMessage(HttpStatusCode.InternalServerError);
            }
            ,
            _ => Relay.Honest,
        };
    }

    private static async Task MendAsync(IReplica replica, string service)
    {
        var relay = service == "users" ? replica.Users : replica.Devices;
        relay.Behaviour = Relay.Honest;
        await relay.StopAsync();
        await relay.StartAsync();
    }

    private Task NoSagaIsLeftAsync(string name) => Eventually.TrueAsync(
        async () => await system.Databases.Auth.ScalarAsync<long>("select count(*) from sagas where finished_at is null and (username = $1 or username like $1 || '-%')", name) == 0,
        "every saga has ended");

    private async Task HoldsAsync(Guid id, Holdings expected) =>
        await Eventually.GetAsync(() => system.Databases.HoldingsAsync(id), holdings => holdings == expected, $"{id} is {expected}");

    private sealed record Trial(string Name, Guid Updated, Guid Deleted)
    {
        public string Registered => $"{Name}-r";

        public Holdings AfterRegistration => new($"{Name}-r client Active", $"{Name}-r client New", $"{Name}-r client", 0, $"{Name}-r client", 0);

        public Holdings BeforeUpdate => new($"{Name}-u client Active", $"{Name}-u client Old", $"{Name}-u client", 2, $"{Name}-u client", 2);

        public Holdings AfterUpdate => new($"{Name}-v client Active", $"{Name}-v client New", $"{Name}-v client", 2, $"{Name}-v client", 2);

        public Holdings BeforeDeletion => new($"{Name}-d client Active", $"{Name}-d client Old", $"{Name}-d client", 2, $"{Name}-d client", 2);
    }
}
