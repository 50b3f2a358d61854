using System.Net;
using System.Text.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.Gateway.Tests;

/// <summary>Cookies that live longer than the session that they were given for.</summary>
public sealed class EndedSessionTests
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task The_cookie_of_an_account_that_ended_is_worthless_within_two_seconds_at_every_replica()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("Gateway:Dashboard", "http://localhost:18888"));
        gateway.Identity.Role = "admin";
        var cookie = await gateway.SessionCookieAsync();
        using var client = gateway.Client();
        Uri[] replicas = [gateway.Address, gateway.StartReplica()];
        foreach (var replica in replicas)
        {
            Assert.Contains("alice", await ReadAsync(client, replica, "/session", cookie), StringComparison.Ordinal);
            Assert.Contains("18888", await ReadAsync(client, replica, "/session/links", cookie), StringComparison.Ordinal);
            Assert.Contains("identity", await ReadAsync(client, replica, "/session/health", cookie), StringComparison.Ordinal);
        }

        gateway.Identity.RefusesTokens = true;

        foreach (var replica in replicas)
        {
            await Eventually.GetAsync(() => ReadAsync(client, replica, "/session", cookie), answer => answer == RunningGateway.Nobody, "the session has ended", TwoSeconds);
            Assert.Equal("""{"dashboard":null}""", await ReadAsync(client, replica, "/session/links", cookie));
            Assert.Equal("[]", await ReadAsync(client, replica, "/session/health", cookie));
            using var api = await RunningGateway.SendAsync(client, HttpMethod.Get, new Uri(replica, "/api/devices").ToString(), ("Cookie", cookie));
            Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        }
    }

    [Fact]
    public async Task Twenty_requests_of_one_session_ask_Identity_once_a_second()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();
        using var client = gateway.Client();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReadAsync(client, gateway.Address, "/session", cookie)));

        Assert.InRange(gateway.Identity.Service.Requests.Count(request => request.Path == "/api/auth/validate"), 1, 3);
    }

    [Fact]
    public async Task A_session_shows_its_account_s_new_name()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await gateway.SignedInBrowserAsync();
        gateway.Identity.PresentName = "alicia";

        var name = JsonElement.Parse(await browser.GetStringAsync("/session")).GetProperty("user").GetProperty("username").GetString();

        Assert.Equal("alicia", name);
    }

    [Fact]
    public async Task The_cookie_by_which_Identity_knows_a_browser_is_passed_on_and_no_other_browser_s()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Identity.SetsCookie = "energy-known-browser=first; path=/; httponly";
        using var first = gateway.Browser();
        using var answer = await RunningGateway.SignInAsync(first);
        gateway.Identity.SetsCookie = null;
        using var again = await RunningGateway.SignInAsync(first);
        using var other = await RunningGateway.SignInAsync(gateway.Browser());

        Assert.Contains(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("energy-known-browser=first", StringComparison.Ordinal));
        Assert.Equal(["", "energy-known-browser=first", ""], gateway.Identity.Cookies);
    }

    private static async Task<string> ReadAsync(HttpClient client, Uri replica, string path, string cookie)
    {
        using var answer = await RunningGateway.SendAsync(client, HttpMethod.Get, new Uri(replica, path).ToString(), ("Cookie", cookie));
        return await answer.Content.ReadAsStringAsync();
    }
}
