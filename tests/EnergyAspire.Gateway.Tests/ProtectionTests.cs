using System.Net;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Gateway.Tests;

public sealed class ProtectionTests
{
    [Theory]
    [InlineData(null, null, HttpStatusCode.BadRequest)]
    [InlineData("2", null, HttpStatusCode.BadRequest)]
    [InlineData("1", null, HttpStatusCode.OK)]
    [InlineData("1", "own", HttpStatusCode.OK)]
    [InlineData("1", "https://elsewhere.example", HttpStatusCode.BadRequest)]
    [InlineData("1", "http://127.0.0.1:1", HttpStatusCode.BadRequest)]
    [InlineData("1", "null", HttpStatusCode.BadRequest)]
    public async Task A_change_by_session_needs_the_header_and_the_own_origin(string? header, string? origin, HttpStatusCode expected)
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();
        var headers = new List<(string, string)> { ("Cookie", cookie) };
        if (header is not null)
            headers.Add(("X-CSRF", header));
        if (origin is not null)
            headers.Add(("Origin", origin == "own" ? gateway.Address.GetLeftPart(UriPartial.Authority) : origin));

        using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Post, "/api/devices", headers);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? 1 : 0, gateway.Services[ResourceNames.Devices].Requests.Count);
        if (expected != HttpStatusCode.OK)
            await RunningGateway.ProblemAsync(answer);
    }

    [Fact]
    public async Task Identity_s_pages_protect_their_forms_and_set_their_policy_themselves()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();
        gateway.Identity.Service.Answer = http =>
        {
            http.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
            return Task.CompletedTask;
        };

        using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Post, "/connect/sign-in", [("Cookie", cookie)]);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Null(gateway.Identity.Service.Requests.Last().Header("Authorization"));
    }

    [Fact]
    public async Task Opening_a_session_needs_the_header_too()
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await RunningGateway.SignInAsync(gateway.Browser(csrf: false));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(gateway.Identity.Service.Requests);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task A_body_that_can_t_be_read_is_the_caller_s_fault(string body)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await gateway.Browser().PostAsync("/session", content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await RunningGateway.ProblemAsync(answer);
    }

    [Fact]
    public async Task Reading_and_calls_with_a_token_of_ones_own_need_no_header()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();
        using var client = gateway.Client();

        using var read = await RunningGateway.SendAsync(client, HttpMethod.Get, "/api/devices", ("Cookie", cookie));
        using var changed = await RunningGateway.SendAsync(
            client, HttpMethod.Post, "/api/devices", ("Cookie", cookie), ("Authorization", "Bearer own"), ("Origin", "https://elsewhere.example"));

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Theory]
    [InlineData("/session")]
    [InlineData("/session/register")]
    [InlineData("/session/accounts")]
    [InlineData("/api/auth/login")]
    [InlineData("/api/auth/register")]
    [InlineData("/connect/token")]
    [InlineData("/session/")]
    [InlineData("/API/auth/login/")]
    public async Task Sign_ins_are_limited_by_address(string path)
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("RateLimits:SignInsPerMinute", "3"));
        using var browser = gateway.Browser();

        var statuses = new List<HttpStatusCode>();
        HttpResponseMessage last = null!;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            last = await browser.PostAsync(path, JsonContent());
            statuses.Add(last.StatusCode);
        }

        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, statuses.Take(3));
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[3]);
        Assert.InRange(last.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        await RunningGateway.ProblemAsync(last);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/devices")).StatusCode);

        static StringContent JsonContent() => new("""{"username":"alice","password":"wrong"}""", System.Text.Encoding.UTF8, "application/json");
    }

    [Fact]
    public async Task Each_account_has_a_limit_of_its_own_and_pages_have_none()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("RateLimits:RequestsPerMinute", "5"));
        using var client = gateway.Client();
        Task<HttpResponseMessage> Ask(string path, string token) => RunningGateway.SendAsync(client, HttpMethod.Get, path, ("Authorization", token));

        for (var number = 0; number < 5; number++)
            Assert.Equal(HttpStatusCode.OK, (await Ask("/api/devices", "Bearer a")).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await Ask("/api/devices", "Bearer a")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Ask("/api/devices", "Bearer b")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Ask("/devices", "Bearer a")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task Tokens_made_up_by_the_dozen_meet_the_limit_of_their_address()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("RateLimits:AddressRequestsPerMinute", "10"));
        using var client = gateway.Client();

        var statuses = new List<HttpStatusCode>();
        for (var number = 0; number < 12; number++)
        {
            using var answer = await RunningGateway.SendAsync(client, HttpMethod.Get, "/api/devices", ("Authorization", $"Bearer {number}"));
            statuses.Add(answer.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Fact]
    public async Task A_wrong_limit_stops_the_start()
    {
        var failure = await RefusedStart.ReasonAsync(async () => await (await RunningGateway.StartAsync(settings: ("RateLimits:SignInsPerMinute", "0"))).DisposeAsync());

        Assert.Contains("SignInsPerMinute", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/devices")]
    [InlineData("/")]
    [InlineData("/session")]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/api/docs")]
    [InlineData("/api/docs/")]
    [InlineData("/api/docs/openapi/gateway.json")]
    [InlineData("/api/nothing")]
    public async Task Every_answer_tells_browsers_not_to_guess_or_frame(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await gateway.Client().GetAsync(path);

        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.True(answer.Headers.Contains("Referrer-Policy"));
        Assert.False(answer.Headers.Contains("Server"));
    }
}
