using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Tests;

/// <summary>What a client sends is passed on, dropped or refused, never answered with a failure of the system; and who is believed at the edge.</summary>
public sealed class EdgeTests
{
    private const string Credentials = """{"username":"alice","password":"right"}""";

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"", HttpStatusCode.OK)]
    [InlineData("application/json;charset=utf8", HttpStatusCode.OK)]
    [InlineData("application/json; charset=UTF-8", HttpStatusCode.OK)]
    [InlineData("application/json; charset=", HttpStatusCode.OK)]
    [InlineData("application/json; charset=\"\"", HttpStatusCode.OK)]
    [InlineData("application/json; charset=iso-8859-1", HttpStatusCode.OK)]
    [InlineData("application/json; charset=bogus", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=utf-7", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_charset_is_understood_or_refused(string type, HttpStatusCode expected)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Credentials));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await gateway.Browser().PostAsync("/session", content);

        Assert.Equal(expected, answer.StatusCode);
        if (expected != HttpStatusCode.OK)
            await RunningGateway.ProblemAsync(answer);
    }

    [Theory]
    [InlineData("gzip", "gzip", HttpStatusCode.OK)]
    [InlineData("br", "br", HttpStatusCode.OK)]
    [InlineData("deflate", "deflate", HttpStatusCode.OK)]
    [InlineData("gzip", "", HttpStatusCode.BadRequest)]
    [InlineData("br", "", HttpStatusCode.BadRequest)]
    [InlineData("deflate", "", HttpStatusCode.BadRequest)]
    [InlineData("zstd", "", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("gzip, gzip", "gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("identity", "", HttpStatusCode.OK)]
    public async Task A_compressed_body_is_decoded_or_refused(string coding, string written, HttpStatusCode expected)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var content = new ByteArrayContent(Compress(written, Encoding.UTF8.GetBytes(Credentials)));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);

        using var answer = await gateway.Browser().PostAsync("/session", content);

        Assert.Equal(expected, answer.StatusCode);
        if (expected != HttpStatusCode.OK)
            await RunningGateway.ProblemAsync(answer);
    }

    [Fact]
    public async Task A_small_body_cannot_become_a_huge_one()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var content = new ByteArrayContent(Compress("gzip", new byte[64 * 1024 * 1024]));
        content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");

        using var answer = await gateway.Client().PostAsync("/api/devices", content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(gateway.Services[ResourceNames.Devices].Requests);
    }

    [Fact]
    public async Task Control_characters_are_refused_by_the_name_of_their_field()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var content = new StringContent("""{"username":"al\u0000ice","password":"right"}""", Encoding.UTF8, "application/json");

        using var body = await gateway.Browser().PostAsync("/session", content);
        using var query = await gateway.Client().GetAsync("/api/devices?search=a%00b");

        Assert.Equal(HttpStatusCode.BadRequest, body.StatusCode);
        Assert.True((await RunningGateway.ProblemAsync(body)).GetProperty("errors").TryGetProperty("username", out _));
        Assert.Equal(HttpStatusCode.BadRequest, query.StatusCode);
        Assert.True((await RunningGateway.ProblemAsync(query)).GetProperty("errors").TryGetProperty("search", out _));
        Assert.Empty(gateway.Services[ResourceNames.Devices].Requests);
    }

    [Theory]
    [InlineData("User-Agent: caf\u00e9")]
    [InlineData("User-Agent: caf\u00c3\u00a9")]
    [InlineData("Cookie: name=\u00fc")]
    [InlineData("Accept-Language: \u00ff")]
    [InlineData("If-None-Match: \"\u00e9\"")]
    [InlineData("X-Custom: \u0080\u00ff")]
    [InlineData("tracestate: \u00e9=1\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("baggage: a=\u00e9")]
    public async Task Bytes_above_127_in_headers_pass(string headers)
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Services[ResourceNames.Devices].Answer = http =>
        {
            http.Response.Headers["X-Seen"] = "caf\u00e9";
            return http.Response.WriteAsync("seen");
        };

        var proxied = await SendRawAsync(gateway.Address, $"GET /api/devices HTTP/1.1\r\nHost: {gateway.Address.Authority}\r\n{headers}\r\nConnection: close\r\n\r\n");
        var own = await SendRawAsync(
            gateway.Address,
            $"POST /session HTTP/1.1\r\nHost: {gateway.Address.Authority}\r\nX-CSRF: 1\r\nContent-Type: application/json\r\nContent-Length: {Credentials.Length}\r\n{headers}\r\nConnection: close\r\n\r\n{Credentials}");

        Assert.StartsWith("HTTP/1.1 200", proxied, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", own, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/session")]
    [InlineData("/session/links")]
    [InlineData("/health")]
    [InlineData("/api/docs/")]
    [InlineData("/api/docs/openapi/gateway.json")]
    [InlineData("/api/devices")]
    [InlineData("/")]
    public async Task Head_is_answered_as_get_without_a_body(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var get = await gateway.Client().GetAsync(path);
        using var head = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Head, path);

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        if (path == "/api/devices")
            Assert.Equal("HEAD", gateway.Services[ResourceNames.Devices].Requests.Last().Method);
    }

    [Fact]
    public async Task Options_tells_what_a_path_allows()
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Options, "/session");
        using var nothing = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Options, "/session/nothing");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(["DELETE", "GET", "HEAD", "OPTIONS", "POST"], answer.Content.Headers.Allow.Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Fact]
    public async Task Only_configured_origins_may_call_and_never_by_a_session()
    {
        (string, string)[] preflight = [("Origin", "https://solar.example"), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "authorization")];
        await using var closed = await RunningGateway.StartAsync();
        await using var open = await RunningGateway.StartAsync(settings: ("Gateway:AllowedOrigins:0", "https://solar.example"));

        using var without = await RunningGateway.SendAsync(closed.Client(), HttpMethod.Get, "/api/devices", preflight);
        using var asked = await RunningGateway.SendAsync(open.Client(), HttpMethod.Options, "/api/devices/1", preflight);
        using var called = await RunningGateway.SendAsync(open.Client(), HttpMethod.Get, "/api/devices", ("Origin", "https://solar.example"));
        using var other = await RunningGateway.SendAsync(open.Client(), HttpMethod.Get, "/api/devices", ("Origin", "https://evil.example"));
        using var session = await RunningGateway.SendAsync(open.Client(), HttpMethod.Get, "/session", ("Origin", "https://solar.example"));

        Assert.False(without.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal("PUT", asked.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("https://solar.example", called.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.False(called.Headers.Contains("Access-Control-Allow-Credentials"));
        var exposed = called.Headers.GetValues("Access-Control-Expose-Headers").Single().Split(',');
        Assert.Superset(new HashSet<string>(["Link", "X-Total-Count", "ETag"], StringComparer.Ordinal), new HashSet<string>(exposed, StringComparer.Ordinal));
        Assert.False(other.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(session.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Single(open.Services[ResourceNames.Devices].Requests, seen => seen.Header("Origin") == "https://solar.example");
    }

    [Theory]
    [InlineData("Gateway:AllowedOrigins:0", "https://solar.example/path")]
    [InlineData("Gateway:TrustedProxies:0", "balancer")]
    [InlineData("Gateway:Currency", "Euro")]
    public async Task A_wrong_setting_stops_the_start(string key, string value)
    {
        var failure = await RefusedStart.ReasonAsync(async () => await (await RunningGateway.StartAsync(settings: (key, value))).DisposeAsync());

        Assert.Contains(key[..^2], failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configured_proxy_says_who_calls_and_by_which_scheme()
    {
        await using var gateway = await RunningGateway.StartAsync(
            "Production", ("Gateway:TrustedProxies:0", "127.0.0.0/8"), ("Gateway:TrustedProxies:1", "::1"), ("RateLimits:SignInsPerMinute", "1"));
        (string, string)[] From(string address) => [("X-Forwarded-For", address), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "energy.example")];

        using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, "/api/devices", From("203.0.113.7"));
        using var first = await RunningGateway.SendAsync(gateway.Browser(), HttpMethod.Post, "/session", From("203.0.113.7"));
        using var other = await RunningGateway.SendAsync(gateway.Browser(), HttpMethod.Post, "/session", From("203.0.113.8"));
        using var again = await RunningGateway.SendAsync(gateway.Browser(), HttpMethod.Post, "/session", From("203.0.113.7"));

        var seen = gateway.Services[ResourceNames.Devices].Requests.Single();
        Assert.Equal("203.0.113.7", seen.Header("X-Forwarded-For"));
        Assert.Equal("https", seen.Header("X-Forwarded-Proto"));
        Assert.Equal("energy.example", seen.Header("X-Forwarded-Host"));
        Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, first.StatusCode);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, other.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, again.StatusCode);
    }

    [Fact]
    public async Task Outside_development_only_the_issuer_s_host_is_known()
    {
        await using var gateway = await RunningGateway.StartAsync("Production", ("Identity:Issuer", "https://energy.example/"));

        using var evil = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, "/.well-known/openid-configuration", ("Host", "evil.example"));
        using var known = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, "/.well-known/openid-configuration", ("Host", "energy.example"));
        using var health = await gateway.Client().GetAsync("/health");

        Assert.Equal(HttpStatusCode.BadRequest, evil.StatusCode);
        await RunningGateway.ProblemAsync(evil);
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory]
    [InlineData("AllowedHosts", "")]
    [InlineData("Identity:Issuer", "/relative")]
    public async Task Outside_development_a_gateway_without_known_hosts_does_not_start(string key, string value)
    {
        var failure = await RefusedStart.ReasonAsync(async () => await (await RunningGateway.StartAsync("Production", (key, value))).DisposeAsync());

        Assert.Contains("AllowedHosts", Assert.IsType<OptionsValidationException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_that_a_proxy_names_is_checked_and_probes_need_none()
    {
        await using var gateway = await RunningGateway.StartAsync(
            "Production", ("AllowedHosts", "energy.example"), ("Gateway:TrustedProxies:0", "127.0.0.0/8"), ("Gateway:TrustedProxies:1", "::1"));

        using var evil = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, "/api/devices", ("Host", "evil.example"));
        using var evilBehind = await RunningGateway.SendAsync(
            gateway.Client(), HttpMethod.Get, "/api/devices", ("Host", "energy.example"), ("X-Forwarded-Host", "evil.example"));
        using var behind = await RunningGateway.SendAsync(
            gateway.Client(), HttpMethod.Get, "/api/devices", ("Host", "10.0.0.7"), ("X-Forwarded-Host", "energy.example"));
        using var health = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, "/health", ("Host", "10.0.0.7:8080"));

        Assert.Equal(HttpStatusCode.BadRequest, evil.StatusCode);
        await RunningGateway.ProblemAsync(evil);
        Assert.Equal(HttpStatusCode.BadRequest, evilBehind.StatusCode);
        Assert.Equal(HttpStatusCode.OK, behind.StatusCode);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task A_service_s_token_works_inside_only()
    {
        await using var gateway = await RunningGateway.StartAsync();

        foreach (var token in new[] { TestTokens.ForSaga(), TestTokens.ForReplica() })
        {
            using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Post, "/api/users", ("Authorization", $"bearer {token}"));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            await RunningGateway.ProblemAsync(answer);
        }

        Assert.Empty(gateway.Services[ResourceNames.Users].Requests);
    }

    [Theory]
    [InlineData("/session", "no-store")]
    [InlineData("/session/links", "no-store")]
    [InlineData("/api/devices", "no-store")]
    [InlineData("/api/nothing", "no-store")]
    [InlineData("/api/monitoring/hourly/daily", "private, no-cache")]
    public async Task What_is_private_is_stored_by_nobody_unless_it_says_so(string path, string expected)
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Services[ResourceNames.Monitoring].Answer = http =>
        {
            http.Response.Headers.CacheControl = "private, no-cache";
            return Task.CompletedTask;
        };

        using var answer = await gateway.Client().GetAsync(path);

        Assert.Equal(expected.Split(", ").Order(), answer.Headers.CacheControl!.ToString().Split(", ").Order());
    }

    [Fact]
    public async Task A_refusal_has_a_sentence_for_people_also_where_old_clients_look()
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await gateway.Client().PostAsync("/session", null);
        var problem = await RunningGateway.ProblemAsync(answer);

        Assert.Equal(problem.GetProperty("detail").GetString(), problem.GetProperty("error").GetString());
    }

    private static byte[] Compress(string coding, byte[] body)
    {
        using var result = new MemoryStream();
        using (Stream? encoder = coding switch
        {
            "gzip" => new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(result, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(result, CompressionLevel.Fastest, leaveOpen: true),
            _ => null,
        })
        {
            (encoder ?? result).Write(body);
        }

        return result.ToArray();
    }

    private static async Task<string> SendRawAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);

        return await reader.ReadToEndAsync();
    }
}
