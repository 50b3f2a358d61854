using System.Net;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Gateway.Tests;

public sealed class WebAppTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gateway-web-").FullName;

    public WebAppTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "assets"));
        File.WriteAllText(Path.Combine(_root, "index.html"), "<!doctype html><title>built</title>");
        File.WriteAllText(Path.Combine(_root, "assets", "app-1.js"), string.Concat(Enumerable.Repeat("console.log('hello')\n", 200)));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/index.html")]
    [InlineData("/devices/1")]
    [InlineData("/sign-in")]
    public async Task A_built_app_is_served_on_every_page(string path)
    {
        await using var gateway = await RunningGateway.StartAsync("Production", ("webroot", _root));

        using var answer = await gateway.Client().GetAsync(path);

        Assert.Contains("built", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single().Split("; ");
        Assert.Contains("default-src 'self'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.DoesNotContain(policy, rule => rule.StartsWith("script-src", StringComparison.Ordinal));
        Assert.Empty(gateway.Services[ResourceNames.Web].Requests);
    }

    [Fact]
    public async Task Its_files_are_compressed_and_kept_by_browsers()
    {
        await using var gateway = await RunningGateway.StartAsync("Production", ("webroot", _root));

        using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, "/assets/app-1.js", ("Accept-Encoding", "br"));

        Assert.Equal(["br"], answer.Content.Headers.ContentEncoding);
        Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip, br", "br", "compressed beforehand")]
    [InlineData("gzip, br;q=0", "gzip", null)]
    public async Task What_the_build_compressed_is_served_as_it_is_to_browsers_that_take_it(string accepted, string encoding, string? content)
    {
        await File.WriteAllTextAsync(Path.Combine(_root, "assets", "app-1.js.br"), "compressed beforehand");
        await using var gateway = await RunningGateway.StartAsync("Production", ("webroot", _root));

        using var answer = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Get, "/assets/app-1.js", ("Accept-Encoding", accepted));

        Assert.Equal([encoding], answer.Content.Headers.ContentEncoding);
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["Accept-Encoding"], answer.Headers.Vary);
        Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        if (content is not null)
            Assert.Equal(content, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_absent_and_services_are_still_reached()
    {
        await using var gateway = await RunningGateway.StartAsync("Production", ("webroot", _root));
        using var client = gateway.Client();

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/assets/app-2.js")).StatusCode);
        Assert.Contains("devices", await client.GetStringAsync("/api/devices"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/nothing")).StatusCode);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
