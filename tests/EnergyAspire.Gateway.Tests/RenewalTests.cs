using System.Net;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace EnergyAspire.Gateway.Tests;

public sealed class RenewalTests
{
    private static readonly TimeSpan AlmostFiveHours = TimeSpan.FromHours(4.95);

    [Fact]
    public async Task A_token_is_renewed_before_it_expires_and_the_browser_gets_a_new_cookie()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await gateway.SignedInBrowserAsync();

        await browser.GetAsync("/api/devices");
        gateway.Time.Advance(AlmostFiveHours);
        using var renewed = await browser.GetAsync("/api/devices");
        await browser.GetAsync("/api/devices");

        Assert.Equal(["Bearer access-1", "Bearer access-2", "Bearer access-2"], Tokens(gateway));
        Assert.True(renewed.Headers.Contains("Set-Cookie"));
        Assert.Equal(1, gateway.Identity.Refreshes);
    }

    [Fact]
    public async Task Twenty_requests_at_once_renew_the_token_once()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();
        gateway.Time.Advance(AlmostFiveHours);

        var answers = await AskAsync([gateway.Address], cookie, count: 20);

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, gateway.Identity.Refreshes);
        Assert.Equal(Enumerable.Repeat("Bearer access-2", 20), Tokens(gateway));
    }

    [Fact]
    public async Task A_browser_that_missed_the_new_cookie_keeps_its_session()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();
        gateway.Time.Advance(AlmostFiveHours);
        await AskAsync([gateway.Address], cookie, count: 1);

        gateway.Time.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal([HttpStatusCode.OK], await AskAsync([gateway.Address], cookie, count: 1));
        Assert.Equal(1, gateway.Identity.Refreshes);
    }

    [Fact]
    public async Task A_refused_renewal_ends_the_session()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await gateway.SignedInBrowserAsync();
        gateway.Identity.RefusesTokens = true;
        gateway.Time.Advance(TimeSpan.FromHours(6));

        using var answer = await browser.GetAsync("/api/devices");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await RunningGateway.ProblemAsync(answer);
        Assert.Contains("expires=Thu, 01 Jan 1970", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Empty(gateway.Services[ResourceNames.Devices].Requests);
        Assert.Equal(RunningGateway.Nobody, await browser.GetStringAsync("/session"));
    }

    [Fact]
    public async Task While_Identity_is_away_a_token_is_used_as_long_as_it_lives_and_the_session_stays()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await gateway.SignedInBrowserAsync();
        await gateway.Services[ResourceNames.Identity].DisposeAsync();

        gateway.Time.Advance(AlmostFiveHours);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/devices")).StatusCode);

        gateway.Time.Advance(TimeSpan.FromHours(1));
        using var answer = await browser.GetAsync("/api/devices");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_that_a_service_refuses_ends_the_session_only_if_Identity_refuses_it_too(bool refused)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await gateway.SignedInBrowserAsync();
        gateway.Identity.RefusesTokens = refused;
        gateway.Services[ResourceNames.Devices].Answer = http =>
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/devices")).StatusCode);
        Assert.Equal(refused, await browser.GetStringAsync("/session") == RunningGateway.Nobody);
    }

    private static async Task<HttpStatusCode[]> AskAsync(Uri[] gateways, string cookie, int count)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });

        return await Task.WhenAll(Enumerable.Range(0, count).Select(async number =>
        {
            using var answer = await RunningGateway.SendAsync(
                client, HttpMethod.Get, new Uri(gateways[number % gateways.Length], "/api/devices").ToString(), ("Cookie", cookie));
            return answer.StatusCode;
        }));
    }

    private static IEnumerable<string?> Tokens(RunningGateway gateway) =>
        gateway.Services[ResourceNames.Devices].Requests.Select(request => request.Header("Authorization"));
}
