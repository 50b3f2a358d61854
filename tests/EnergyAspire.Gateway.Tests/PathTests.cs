using System.Net;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace EnergyAspire.Gateway.Tests;

/// <summary>Which paths are the API's and which the web app's, with the built app and with the app's own server.</summary>
public sealed class PathTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gateway-web-").FullName;

    public PathTests() => File.WriteAllText(Path.Combine(_root, "index.html"), "<!doctype html><title>built</title>");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_below_the_api_and_nobody_s_is_absent_and_nobody_is_asked(bool built)
    {
        await using var gateway = await StartAsync(built);

        foreach (var path in new[]
        {
            "/api", "/api/", "/api/nothing", "/API/nothing", "/api%2fusers", "/api%2Fusers/1", "/%61pi/nothing", "/api/devices%2f1", "//api/nothing",
            "/api%5cusers", "/session/x", "/session%2fx", "/connect%2ftoken", "/.well-known%2fopenid-configuration", "/%2fapi/x", "/metrics", "/metrics/x",
        })
        {
            using var answer = await gateway.Client().GetAsync(new Uri($"http://{gateway.Address.Authority}{path}"));
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{path}: {answer.StatusCode}");
            Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{path}: {answer.Content.Headers.ContentType}");
        }

        Assert.All(gateway.Services, service => Assert.Empty(service.Value.Requests));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_exists_under_another_method_says_so(bool built)
    {
        await using var gateway = await StartAsync(built);

        foreach (var (method, path, allowed) in new[]
        {
            ("PATCH", "/session", "GET"), ("GET", "/session/register", "POST"), ("GET", "/session/accounts", "POST"), ("PUT", "/session/links", "GET"),
        })
        {
            using var answer = await RunningGateway.SendAsync(gateway.Browser(), new HttpMethod(method), path);
            Assert.True(answer.StatusCode == HttpStatusCode.MethodNotAllowed, $"{method} {path}: {answer.StatusCode}");
            Assert.Contains(allowed, answer.Content.Headers.Allow);
            await RunningGateway.ProblemAsync(answer);
        }

        Assert.All(gateway.Services, service => Assert.Empty(service.Value.Requests));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Names_that_only_begin_like_the_api_are_pages(bool built)
    {
        await using var gateway = await StartAsync(built);

        foreach (var path in new[] { "/", "/apix", "/api-docs", "/sessions", "/connections", "/well-known", "/healthy", "/devices/api", "/system/health" })
        {
            using var answer = await gateway.Client().GetAsync(path);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
            Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
            if (!built)
                Assert.Equal(path, gateway.Services[ResourceNames.Web].Requests.Last().Path);
        }

        Assert.All(gateway.Services, service => Assert.Equal(built || service.Key != ResourceNames.Web ? 0 : 9, service.Value.Requests.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_not_there_is_absent_and_no_page(bool built)
    {
        await using var gateway = await StartAsync(built);

        using var answer = await gateway.Client().GetAsync("/foo.json");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await RunningGateway.ProblemAsync(answer);
    }

    [Fact]
    public async Task Pages_can_only_be_read()
    {
        await using var gateway = await StartAsync(built: true);

        using var answer = await gateway.Client().PostAsync("/devices", null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD", "OPTIONS"], answer.Content.Headers.Allow);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>The web app's own server answers whatever it doesn't know with the app, as Vite does.</summary>
    private async Task<RunningGateway> StartAsync(bool built)
    {
        var gateway = built
            ? await RunningGateway.StartAsync("Production", ("webroot", _root))
            : await RunningGateway.StartAsync();
        gateway.Services[ResourceNames.Web].Answer = http =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync("<!doctype html><title>Vite</title>");
        };

        return gateway;
    }
}
