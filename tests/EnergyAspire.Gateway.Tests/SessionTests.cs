using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace EnergyAspire.Gateway.Tests;

public sealed class SessionTests
{
    [Fact]
    public async Task A_session_is_opened_asked_for_and_closed()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = gateway.Browser();
        Assert.Equal(RunningGateway.Nobody, await browser.GetStringAsync("/session"));

        var opened = await RunningGateway.SignInAsync(browser);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.Equal(
            $$$"""{"user":{"id":"{{{DevelopmentData.Alice}}}","username":"alice","role":"client"},"version":"{{{ProductVersion.Current}}}","currency":"EUR"}""", await opened.Content.ReadAsStringAsync());
        Assert.Equal(await opened.Content.ReadAsStringAsync(), await browser.GetStringAsync("/session"));

        Assert.Equal(HttpStatusCode.NoContent, (await browser.DeleteAsync("/session")).StatusCode);
        Assert.Equal(RunningGateway.Nobody, await browser.GetStringAsync("/session"));
        Assert.Equal(["refresh-1"], gateway.Identity.LoggedOut);
    }

    [Fact]
    public async Task No_token_reaches_the_browser()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var answer = await RunningGateway.SignInAsync(gateway.Browser());

        var everything = answer + await answer.Content.ReadAsStringAsync();

        Assert.DoesNotContain("access-1", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("refresh-1", everything, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Development", "energy-session=")]
    [InlineData("Production", "__Host-energy-session=")]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_of_other_sites(string environment, string name)
    {
        await using var gateway = await RunningGateway.StartAsync(environment);
        using var answer = await RunningGateway.SignInAsync(gateway.Browser());

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith(name, cookie, StringComparison.Ordinal);
        var attributes = cookie.Split("; ").Skip(1).ToList();
        Assert.Contains("httponly", attributes);
        Assert.Contains("samesite=strict", attributes);
        Assert.Contains("path=/", attributes);
        Assert.DoesNotContain(attributes, attribute => attribute.StartsWith("domain", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(environment == "Production", attributes.Contains("secure"));
    }

    [Fact]
    public async Task Only_an_admin_is_told_where_the_dashboard_is()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("Gateway:Dashboard", "http://localhost:18888"));

        Assert.Equal("""{"dashboard":null}""", await gateway.Browser().GetStringAsync("/session/links"));
        Assert.Equal("""{"dashboard":null}""", await (await gateway.SignedInBrowserAsync()).GetStringAsync("/session/links"));
        gateway.Identity.Role = "admin";
        Assert.Equal("""{"dashboard":"http://localhost:18888"}""", await (await gateway.SignedInBrowserAsync()).GetStringAsync("/session/links"));
    }

    [Fact]
    public async Task An_admin_is_told_how_each_service_is()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Identity.Service.Answer = http => http.Request.Path == "/health" ? WaitAsync(http) : gateway.Identity.AnswerAsync(http);

        Assert.Equal("[]", await gateway.Browser().GetStringAsync("/session/health"));
        Assert.Equal("[]", await (await gateway.SignedInBrowserAsync()).GetStringAsync("/session/health"));
        gateway.Identity.Role = "admin";
        var health = await (await gateway.SignedInBrowserAsync()).GetFromJsonAsync<JsonElement[]>("/session/health");

        Assert.Equal(["identity", "users", "devices", "monitoring"], health!.Select(service => service.GetProperty("name").GetString()));
        Assert.Equal(["waiting", "ready", "ready", "ready"], health!.Select(service => service.GetProperty("state").GetString()));
        Assert.Equal(
            ["Waiting for the broker: saga.", "auth_db isn't ready."], health![0].GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()));

        static Task WaitAsync(HttpContext http)
        {
            http.Response.StatusCode = 503;
            return http.Response.WriteAsync("Unhealthy, version 1.2.0\nWaiting for the broker: saga.\nauth_db isn't ready.");
        }
    }

    [Theory]
    [InlineData("wrong", 401, "The username or the password is wrong.")]
    [InlineData("locked", 429, "Too many failures.")]
    public async Task What_Identity_answers_to_a_failed_sign_in_is_passed_on(string password, int status, string detail)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var answer = await RunningGateway.SignInAsync(gateway.Browser(), password);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(detail, (await RunningGateway.ProblemAsync(answer)).GetProperty("detail").GetString());
        Assert.Equal(status == 429, answer.Headers.RetryAfter?.ToString() == "290");
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_session_outlives_the_gateway_that_opened_it()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();

        using var replica = new HttpClient { BaseAddress = gateway.StartReplica() };
        using var answer = await RunningGateway.SendAsync(replica, HttpMethod.Get, "/session", ("Cookie", cookie));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Signing_out_works_while_Identity_is_away()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await gateway.SignedInBrowserAsync();
        await gateway.Services[ResourceNames.Identity].DisposeAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await browser.DeleteAsync("/session")).StatusCode);
        Assert.Equal(RunningGateway.Nobody, await browser.GetStringAsync("/session"));
    }

    [Fact]
    public async Task A_sign_in_while_Identity_is_away_is_a_problem_that_says_so()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await gateway.Services[ResourceNames.Identity].DisposeAsync();

        using var answer = await RunningGateway.SignInAsync(gateway.Browser());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("identity", (await RunningGateway.ProblemAsync(answer)).GetProperty("title").GetString(), StringComparison.Ordinal);
    }
}
