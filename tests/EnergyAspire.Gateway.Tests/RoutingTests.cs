using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace EnergyAspire.Gateway.Tests;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("/api/auth/users", "identity")]
    [InlineData("/connect/token", "identity")]
    [InlineData("/.well-known/openid-configuration", "identity")]
    [InlineData("/api/users", "users")]
    [InlineData("/api/users/1", "users")]
    [InlineData("/api/devices", "devices")]
    [InlineData("/api/mappings/assign", "devices")]
    [InlineData("/api/monitoring/hourly/daily", "monitoring")]
    [InlineData("/", "web")]
    [InlineData("/devices/1", "web")]
    [InlineData("/openapi/v1.json", "web")]
    public async Task A_path_belongs_to_one_service(string path, string service)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var answer = await gateway.Client().GetFromJsonAsync<JsonElement>(path);

        Assert.Equal(service, answer.GetProperty("service").GetString());
        Assert.Equal(path, answer.GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("/health", "Healthy, version {0}")]
    [InlineData("/alive", "Healthy")]
    public async Task Health_is_the_gateways_own(string path, string answer)
    {
        await using var gateway = await RunningGateway.StartAsync();

        Assert.Equal(string.Format(answer, ProductVersion.Current), await gateway.Client().GetStringAsync(path));
        Assert.All(gateway.Services.Values, service => Assert.Empty(service.Requests));
    }

    [Theory]
    [InlineData("/api/devices/../../health")]
    [InlineData("/api/devices/%2e%2e/%2e%2e/health")]
    [InlineData("/api/devices/..%2f..%2fhealth")]
    public async Task Health_of_a_service_is_out_of_reach(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(
            gateway.Address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using var answer = await gateway.Client().SendAsync(request);

        Assert.DoesNotContain(gateway.Services[ResourceNames.Devices].Requests, seen => seen.Path == "/health");
    }

    [Fact]
    public async Task An_api_path_of_nobody_is_absent_and_not_the_web_app()
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await gateway.Client().GetAsync("/api/nothing");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await RunningGateway.ProblemAsync(answer);
    }

    [Fact]
    public async Task The_session_becomes_a_bearer_token_and_its_cookie_stays_here()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();
        using var client = gateway.Client();

        await RunningGateway.SendAsync(client, HttpMethod.Get, "/api/devices", ("Cookie", $"theme=dark; {cookie}"));
        await RunningGateway.SendAsync(client, HttpMethod.Get, "/", ("Cookie", cookie));

        var api = gateway.Services[ResourceNames.Devices].Requests.Single();
        Assert.Equal("Bearer access-1", api.Header("Authorization"));
        Assert.Equal("theme=dark", api.Header("Cookie"));
        var page = gateway.Services[ResourceNames.Web].Requests.Single();
        Assert.Null(page.Header("Authorization"));
        Assert.Null(page.Header("Cookie"));
    }

    [Fact]
    public async Task A_token_of_ones_own_goes_through_untouched()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();

        await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, "/api/devices", ("Cookie", cookie), ("Authorization", "Bearer own"));

        var seen = gateway.Services[ResourceNames.Devices].Requests.Single();
        Assert.Equal("Bearer own", seen.Header("Authorization"));
        Assert.Null(seen.Header("Cookie"));
    }

    [Fact]
    public async Task What_a_client_says_of_its_address_is_replaced()
    {
        await using var gateway = await RunningGateway.StartAsync();

        await RunningGateway.SendAsync(
            gateway.Client(), HttpMethod.Get, "/api/devices",
            ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/evil"),
            ("X-Forwarded-Port", "1"), ("X-Real-IP", "6.6.6.6"), ("Forwarded", "for=6.6.6.6"), ("X-Original-For", "6.6.6.6"));

        var seen = gateway.Services[ResourceNames.Devices].Requests.Single();
        Assert.Equal("127.0.0.1", seen.Header("X-Forwarded-For")?.Replace("::ffff:", "", StringComparison.Ordinal));
        Assert.Equal(gateway.Address.Authority, seen.Header("X-Forwarded-Host"));
        Assert.Equal("http", seen.Header("X-Forwarded-Proto"));
        Assert.DoesNotContain(seen.Headers.Values, value => value.Contains("6.6.6.6", StringComparison.Ordinal) || value.Contains("evil", StringComparison.Ordinal));
        Assert.Null(seen.Header("X-Forwarded-Port"));
    }

    [Fact]
    public async Task A_service_that_is_away_is_a_problem_without_internals()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var address = new Uri(gateway.Services[ResourceNames.Devices].Address);
        await gateway.Services[ResourceNames.Devices].DisposeAsync();

        using var answer = await gateway.Client().GetAsync("/api/devices");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        var problem = await RunningGateway.ProblemAsync(answer);
        Assert.Equal("The service 'devices' is away.", problem.GetProperty("title").GetString());
        Assert.DoesNotContain(address.Port.ToString(), problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_services_own_problem_goes_through()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Services[ResourceNames.Devices].Answer = http => TypedResults.Problem("No such device.", statusCode: 404).ExecuteAsync(http);

        using var answer = await gateway.Client().GetAsync("/api/devices/1");

        Assert.Equal("No such device.", (await RunningGateway.ProblemAsync(answer)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Sockets_pass_through_to_the_web_apps_server()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Services[ResourceNames.Web].Answer = async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync("reload"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, http.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, http.RequestAborted);
        };

        using var client = new ClientWebSocket();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws" }.Uri, timeout.Token);
        var buffer = new byte[64];
        var received = await client.ReceiveAsync(buffer, timeout.Token);

        Assert.Equal("reload", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }
}
