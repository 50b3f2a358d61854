using System.Net;
using System.Net.WebSockets;
using System.Text;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Gateway.Tests;

public sealed class SocketTests(RedisServer redis)
{
    private const string Path = "/api/monitoring/live";

    [Fact]
    public async Task A_socket_of_our_own_page_carries_the_session_s_token()
    {
        await using var gateway = await StartAsync();
        using var socket = await OpenAsync(gateway.Address, ("Cookie", await gateway.SessionCookieAsync()), ("Origin", Origin(gateway.Address)));

        Assert.Equal("hello", await ReadAsync(socket));
        var seen = gateway.Services[ResourceNames.Monitoring].Requests.Single();
        Assert.Equal("Bearer access-1", seen.Header("Authorization"));
        Assert.Null(seen.Header("Cookie"));
    }

    [Fact]
    public async Task A_token_of_ones_own_opens_a_socket_from_anywhere()
    {
        await using var gateway = await StartAsync();
        using var socket = await OpenAsync(gateway.Address, ("Authorization", "Bearer own"));

        Assert.Equal("hello", await ReadAsync(socket));
        Assert.Equal("Bearer own", gateway.Services[ResourceNames.Monitoring].Requests.Single().Header("Authorization"));
    }

    [Theory]
    [InlineData("http://localhost:9")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task A_page_of_another_origin_cannot_open_a_socket_by_the_session(string? origin)
    {
        await using var gateway = await StartAsync();
        var headers = new List<(string, string)>
        {
            ("Cookie", await gateway.SessionCookieAsync()), ("Connection", "Upgrade"), ("Upgrade", "websocket"),
        };
        if (origin is not null)
            headers.Add(("Origin", origin));

        using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, Path, headers);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        await RunningGateway.ProblemAsync(answer);
        Assert.Empty(gateway.Services[ResourceNames.Monitoring].Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sign_out_closes_the_session_s_sockets_at_every_replica_and_no_other_s(bool isAtReplica)
    {
        await using var gateway = await StartAsync(($"ConnectionStrings:{ResourceNames.Cache}", redis.Database()));
        var address = isAtReplica ? gateway.StartReplica() : gateway.Address;
        var (cookie, other) = (await gateway.SessionCookieAsync(), await gateway.SessionCookieAsync());
        using var socket = await OpenAsync(address, ("Cookie", cookie), ("Origin", Origin(address)));
        using var stays = await OpenAsync(address, ("Cookie", other), ("Origin", Origin(address)));
        Assert.Equal("hello", await ReadAsync(socket));
        Assert.Equal("hello", await ReadAsync(stays));
        var closed = ReadAsync(socket);
        var open = ReadAsync(stays);

        using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Delete, "/session", ("Cookie", cookie), ("X-CSRF", "1"));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await Eventually.TrueAsync(
            () =>
            {
                gateway.Time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(closed.IsCompleted);
            },
            "the socket is closed");
        await Assert.ThrowsAsync<WebSocketException>(() => closed);
        Assert.False(open.IsCompleted);
    }

    private static async Task<RunningGateway> StartAsync(params IEnumerable<(string Key, string Value)> settings)
    {
        var gateway = await RunningGateway.StartAsync(settings: settings);
        gateway.Services[ResourceNames.Monitoring].Answer = async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, http.RequestAborted);
            try
            {
                await socket.ReceiveAsync(new byte[64], http.RequestAborted);
            }
            catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
            {
                // The gateway closed it.
            }
        };

        return gateway;
    }

    private static async Task<ClientWebSocket> OpenAsync(Uri address, params IEnumerable<(string Name, string Value)> headers)
    {
        var client = new ClientWebSocket();
        foreach (var (name, value) in headers)
            client.Options.SetRequestHeader(name, value);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = Path }.Uri, timeout.Token);

        return client;
    }

    private static async Task<string> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);

        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    private static string Origin(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
