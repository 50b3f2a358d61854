using System.Net;
using EnergyAspire.Gateway.Web;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace EnergyAspire.Gateway.Tests;

public sealed class ApiVersionTests
{
    [Theory]
    [InlineData("/api/v1/devices/1?limit=2", "/api/devices/1")]
    [InlineData("/API/V1/devices", "/API/devices")]
    [InlineData("/api/v01/devices", "/api/devices")]
    [InlineData("/api/devices", "/api/devices")]
    public async Task Version_1_is_the_same_with_and_without_its_number(string path, string seen)
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await gateway.Client().GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(seen, Assert.Single(gateway.Services[ResourceNames.Devices].Requests).Path);
        Assert.Equal("1", answer.Headers.GetValues("api-supported-versions").Single());
        Assert.False(answer.Headers.Contains("Deprecation"));
    }

    [Theory]
    [InlineData("/api/v2/devices")]
    [InlineData("/api/v0/devices")]
    [InlineData("/api/v2")]
    public async Task Another_version_is_absent_and_the_answer_names_those_that_exist(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await gateway.Client().GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("Supported versions: 1", (await RunningGateway.ProblemAsync(answer)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("1", answer.Headers.GetValues("api-supported-versions").Single());
        Assert.All(gateway.Services, service => Assert.Empty(service.Value.Requests));
    }

    [Theory]
    [InlineData("/api/v1")]
    [InlineData("/api/v1/")]
    [InlineData("/api/v1x/devices")]
    [InlineData("/api/v-1/devices")]
    [InlineData("/api/v1/v1/devices")]
    [InlineData("/api/v1%2fdevices")]
    [InlineData("/api/v99999999999999/devices")]
    public async Task What_is_no_path_of_the_api_stays_absent(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await gateway.Client().GetAsync(new Uri($"http://{gateway.Address.Authority}{path}"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await RunningGateway.ProblemAsync(answer);
        Assert.All(gateway.Services, service => Assert.Empty(service.Value.Requests));
    }

    [Fact]
    public async Task A_sign_in_by_a_version_counts_as_a_sign_in()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("RateLimits:SignInsPerMinute", "2"));
        using var client = gateway.Client();

        var statuses = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 3; attempt++)
            statuses.Add((await client.PostAsync(attempt == 1 ? "/api/auth/login" : "/api/v1/auth/login", new StringContent("{}"))).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[2]);
    }

    [Fact]
    public async Task A_forged_request_is_refused_by_a_version_too()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var cookie = await gateway.SessionCookieAsync();

        using var forged = await RunningGateway.SendAsync(gateway.Client(), HttpMethod.Post, "/api/v1/devices", ("Cookie", cookie));

        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Contains("X-CSRF", (await RunningGateway.ProblemAsync(forged)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deprecated_version_says_since_when_and_until_when()
    {
        var headers = new HeaderDictionary();

        new ApiVersion(1, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero)).Describe(headers);

        Assert.Equal("@1798761600", headers["Deprecation"]);
        Assert.Equal("Sat, 01 Jan 2028 00:00:00 GMT", headers["Sunset"]);
    }
}
