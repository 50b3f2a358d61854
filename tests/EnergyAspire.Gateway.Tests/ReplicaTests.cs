using System.Net;
using System.Net.Http.Json;
using EnergyAspire.Gateway.Shared;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace EnergyAspire.Gateway.Tests;

/// <summary>Replicas of the gateway that share Redis, also while it is unavailable.</summary>
public sealed class ReplicaTests(RedisServer redis)
{
    private static readonly TimeSpan AlmostFiveHours = TimeSpan.FromHours(4.95);
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Twenty_requests_at_two_replicas_renew_the_token_once()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Cache(redis.Database()));
        var cookie = await gateway.SessionCookieAsync();
        Uri[] replicas = [gateway.Address, gateway.StartReplica()];
        gateway.Time.Advance(AlmostFiveHours);

        var answers = await AskAsync(gateway, replicas, cookie, count: 20);

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, gateway.Identity.Refreshes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_of_the_cookie_opens_nothing_after_signing_out_at_any_replica(bool identityIsAway)
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Cache(redis.Database()));
        var cookie = await gateway.SessionCookieAsync();
        using var client = gateway.Client();
        Uri[] replicas = [gateway.Address, gateway.StartReplica()];
        foreach (var replica in replicas)
            Assert.Contains("alice", await ReadAsync(client, replica, "/session", cookie), StringComparison.Ordinal);
        if (identityIsAway)
            await gateway.Services[ResourceNames.Identity].DisposeAsync();

        using var signedOut = await RunningGateway.SendAsync(client, HttpMethod.Delete, "/session", ("Cookie", cookie), ("X-CSRF", "1"));

        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        foreach (var replica in replicas)
        {
            Assert.Equal(RunningGateway.Nobody, await ReadAsync(client, replica, "/session", cookie));
            Assert.Equal([HttpStatusCode.Unauthorized], await AskAsync(gateway, [replica], cookie, count: 1));
        }
    }

    [Fact]
    public async Task Sign_ins_are_limited_over_all_replicas()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: [Cache(redis.Database()), ("RateLimits:SignInsPerMinute", "4")]);
        using var client = gateway.Client();
        client.DefaultRequestHeaders.Add("X-CSRF", "1");
        Uri[] replicas = [gateway.Address, gateway.StartReplica()];

        var answers = new List<HttpResponseMessage>();
        for (var attempt = 0; attempt < 6; attempt++)
            answers.Add(await client.PostAsJsonAsync(new Uri(replicas[attempt % 2], "/session"), new { username = "alice", password = "wrong" }));

        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, answers.Take(4).Select(answer => answer.StatusCode));
        Assert.All(answers.Skip(4), answer => Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode));
        Assert.InRange(answers[^1].Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 15);
    }

    [Fact]
    public async Task A_limit_lets_requests_through_at_its_rate_and_no_faster()
    {
        // One request in 100 ms.
        await using var gateway = await RunningGateway.StartAsync(settings: [Cache(redis.Database()), ("RateLimits:RequestsPerMinute", "600")]);
        var cookie = await gateway.SessionCookieAsync();

        var first = await AskAsync(gateway, [gateway.Address], cookie, count: 650);

        Assert.Contains(HttpStatusCode.TooManyRequests, first);
        Assert.InRange(first.Count(status => status == HttpStatusCode.OK), 600, 649);
        await Eventually.GetAsync(
            async () => (await AskAsync(gateway, [gateway.Address], cookie, count: 1))[0], status => status == HttpStatusCode.OK, "there is a token again", TwoSeconds);
    }

    [Fact]
    public async Task While_Redis_is_unavailable_sessions_go_on_and_tokens_are_renewed_when_they_have_expired()
    {
        var (connection, cable) = redis.DatabaseByCable();
        await using var gateway = await RunningGateway.StartAsync(settings: [Cache(connection), ("RateLimits:SignInsPerMinute", "3")]);
        var cookie = await gateway.SessionCookieAsync();
        using var client = gateway.Client();
        Assert.StartsWith("Healthy", await client.GetStringAsync("/health"), StringComparison.Ordinal);

        cable.Cut();
        gateway.Time.Advance(AlmostFiveHours);
        Assert.Equal([HttpStatusCode.OK], await AskAsync(gateway, [gateway.Address], cookie, count: 1));
        Assert.Equal(0, gateway.Identity.Refreshes);

        gateway.Time.Advance(TimeSpan.FromHours(1));
        Assert.All(await AskAsync(gateway, [gateway.Address], cookie, count: 5), status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, gateway.Identity.Refreshes);
        using var health = await client.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("Redis can't be reached", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var again = await gateway.SessionCookieAsync();
        using var signedOut = await RunningGateway.SendAsync(client, HttpMethod.Delete, "/session", ("Cookie", again), ("X-CSRF", "1"));
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        Assert.Equal(RunningGateway.Nobody, await ReadAsync(client, gateway.Address, "/session", again));

        var attempts = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 4; attempt++)
            attempts.Add((await RunningGateway.SignInAsync(gateway.Browser(), "wrong")).StatusCode);
        Assert.Contains(HttpStatusCode.TooManyRequests, attempts);

        cable.Mend();
        await Eventually.TrueAsync(async () => (await client.GetStringAsync("/health")).StartsWith("Healthy", StringComparison.Ordinal), "Redis is used again");
        await cable.DisposeAsync();
    }

    public static readonly TheoryData<Exception> Failures =
    [
        new RedisTimeoutException("It doesn't answer.", CommandStatus.Unknown),
        new RedisConnectionException(ConnectionFailureType.UnableToConnect, "It can't be reached."),
        // What waits on a connection that the client gives up.
        new TaskCanceledException(),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task After_a_failure_Redis_is_not_asked_for_a_second(Exception failure)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Database());
        var time = new FakeTimeProvider();
        var store = new SharedStore(time, connection);
        var asked = 0;
        Task<bool> Fail(IDatabase database)
        {
            asked++;
            throw failure;
        }

        await Assert.ThrowsAsync<SharedStoreUnavailableException>(() => store.UseAsync(Fail));
        time.Advance(TimeSpan.FromSeconds(0.9));
        await Assert.ThrowsAsync<SharedStoreUnavailableException>(() => store.UseAsync(Fail));
        Assert.Equal(1, asked);

        time.Advance(TimeSpan.FromSeconds(0.2));
        await Assert.ThrowsAsync<SharedStoreUnavailableException>(() => store.UseAsync(Fail));
        Assert.Equal(2, asked);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await store.UseAsync(database => database.StringSetAsync("here", "1")));
    }

    private static (string, string) Cache(string connection) => ($"ConnectionStrings:{ResourceNames.Cache}", connection);

    private static async Task<HttpStatusCode[]> AskAsync(RunningGateway gateway, Uri[] replicas, string cookie, int count)
    {
        using var client = gateway.Client();

        return await Task.WhenAll(Enumerable.Range(0, count).Select(async number =>
        {
            using var answer = await RunningGateway.SendAsync(
                client, HttpMethod.Get, new Uri(replicas[number % replicas.Length], "/api/devices").ToString(), ("Cookie", cookie));
            return answer.StatusCode;
        }));
    }

    private static async Task<string> ReadAsync(HttpClient client, Uri replica, string path, string cookie)
    {
        using var answer = await RunningGateway.SendAsync(client, HttpMethod.Get, new Uri(replica, path).ToString(), ("Cookie", cookie));
        return await answer.Content.ReadAsStringAsync();
    }
}
