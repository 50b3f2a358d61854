using System.Net;
using System.Net.Http.Json;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Gateway.Tests;

public sealed class RegistrationTests
{
    private static readonly string Account = $$$"""{"user":{"id":"{{{DevelopmentData.Alice}}}","username":"alice","role":"client"}}""";

    private static readonly string Session = $$"""{{Account[..^1]}},"version":"{{ProductVersion.Current}}","currency":"EUR"}""";

    [Fact]
    public async Task Who_registers_has_a_session_and_no_token()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = gateway.Browser();

        using var answer = await RegisterAsync(browser, "/session/register");

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(Session, await answer.Content.ReadAsStringAsync());
        AssertNoToken(answer.ToString());
        Assert.Equal(Session, await browser.GetStringAsync("/session"));
        await browser.GetStringAsync("/api/devices");
        Assert.Equal("Bearer access-1", gateway.Services[ResourceNames.Devices].Requests.Single().Header("Authorization"));
    }

    [Fact]
    public async Task Nobody_registers_for_himself_with_the_rights_of_who_was_signed_in_before()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await AdminAsync(gateway);

        using var answer = await RegisterAsync(browser, "/session/register");

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Null(gateway.Identity.Service.Requests.Last().Header("Authorization"));
    }

    [Fact]
    public async Task Who_registers_somebody_else_keeps_the_session_and_gets_no_token()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await AdminAsync(gateway);

        using var answer = await RegisterAsync(browser, "/session/accounts");

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(Account, await answer.Content.ReadAsStringAsync());
        AssertNoToken(answer.ToString());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Equal("Bearer access-1", gateway.Identity.Service.Requests.Last().Header("Authorization"));
    }

    [Fact]
    public async Task Registering_somebody_else_needs_an_admin_s_session()
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var nobodys = await RegisterAsync(gateway.Browser(), "/session/accounts");
        using var clients = await RegisterAsync(await gateway.SignedInBrowserAsync(), "/session/accounts");

        Assert.Equal(HttpStatusCode.Unauthorized, nobodys.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, clients.StatusCode);
        await RunningGateway.ProblemAsync(nobodys);
        await RunningGateway.ProblemAsync(clients);
        Assert.DoesNotContain(gateway.Identity.Service.Requests, request => request.Path == "/api/auth/register");
    }

    [Fact]
    public async Task A_session_whose_token_Identity_refuses_ends()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await AdminAsync(gateway);
        gateway.Identity.RefusesTokens = true;

        using var answer = await RegisterAsync(browser, "/session/accounts");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(RunningGateway.Nobody, await browser.GetStringAsync("/session"));
    }

    [Theory]
    [InlineData("/session/register")]
    [InlineData("/session/accounts")]
    public async Task What_Identity_has_against_it_is_passed_on(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var browser = await AdminAsync(gateway);

        using var answer = await RegisterAsync(browser, path, "taken");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("The username is taken.", (await RunningGateway.ProblemAsync(answer)).GetProperty("detail").GetString());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_saga_that_waits_for_a_service_is_waited_for()
    {
        await using var gateway = await RunningGateway.StartAsync();
        // Longer than the usual client's patience, which is ten seconds.
        gateway.Identity.Saga = TimeSpan.FromSeconds(11);

        using var answer = await RegisterAsync(gateway.Browser(), "/session/register");

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static Task<HttpResponseMessage> RegisterAsync(HttpClient browser, string path, string password = "sunny-roof-7") =>
        browser.PostAsJsonAsync(path, new { username = "alice", password, fname = "Alice" });

    private static async Task<HttpClient> AdminAsync(RunningGateway gateway)
    {
        gateway.Identity.Role = "admin";
        var browser = await gateway.SignedInBrowserAsync();
        gateway.Identity.Role = "client";

        return browser;
    }

    private static void AssertNoToken(string text)
    {
        Assert.DoesNotContain("access-", text, StringComparison.Ordinal);
        Assert.DoesNotContain("refresh-", text, StringComparison.Ordinal);
    }
}
