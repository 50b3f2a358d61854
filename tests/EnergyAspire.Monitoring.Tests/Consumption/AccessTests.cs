using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Api.Lists;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;

namespace EnergyAspire.Monitoring.Tests.Consumption;

public sealed class AccessTests(MonitoringFixture monitoring)
{
    [Fact]
    public async Task A_client_sees_the_devices_mapped_to_it_and_an_admin_sees_all()
    {
        var (shared, foreign) = (await monitoring.DeviceAsync("UTC", DevelopmentData.Alice, DevelopmentData.Bob), await monitoring.DeviceAsync("UTC", DevelopmentData.Bob));

        var (alices, admins) = (await DevicesOfAsync(DevelopmentData.Alice), await DevicesOfAsync(DevelopmentData.Admin));

        Assert.Contains(shared, alices);
        Assert.DoesNotContain(foreign, alices);
        Assert.Superset(new HashSet<Guid> { shared, foreign }, admins);
    }

    [Fact]
    public async Task Someone_else_s_device_looks_absent_whatever_else_is_wrong_with_the_request()
    {
        var device = await monitoring.DeviceAsync("UTC", DevelopmentData.Bob);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(DevelopmentData.Alice, $"device_id={device}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(DevelopmentData.Alice, $"device_id={device}&date=nonsense"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(DevelopmentData.Bob, $"device_id={device}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(DevelopmentData.Admin, $"device_id={device}"));
    }

    [Theory]
    [InlineData("", "device_id")]
    [InlineData("device_id=17", "device_id")]
    [InlineData("device_id={0}&date=2026-02-30", "date")]
    [InlineData("device_id={0}&date=1.2.2026", "date")]
    [InlineData("device_id={0}&date=0001-01-01", "date")]
    public async Task A_bad_request_names_the_field(string query, string field)
    {
        var device = await monitoring.DeviceAsync();
        using var client = monitoring.Service.ClientOf(DevelopmentData.Admin);

        var response = await client.GetAsync(Daily(string.Format(null, query, device)), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task A_token_that_is_missing_wrong_or_not_an_account_s_is_refused()
    {
        var claims = new Dictionary<string, object> { ["sub"] = Guid.NewGuid().ToString(), ["role"] = Roles.Admin, ["username"] = "x" };
        var tokens = new Dictionary<string, HttpStatusCode>
        {
            ["garbage"] = HttpStatusCode.Unauthorized,
            [TestTokens.Issue(claims, issuer: "https://elsewhere.test/")] = HttpStatusCode.Unauthorized,
            [TestTokens.Issue(claims, audience: "another-api")] = HttpStatusCode.Unauthorized,
            [TestTokens.Issue(claims, type: "JWT")] = HttpStatusCode.Unauthorized,
            [TestTokens.Issue(claims, expires: DateTime.UtcNow.AddMinutes(-5))] = HttpStatusCode.Unauthorized,
            [TestTokens.ForSaga()] = HttpStatusCode.Forbidden,
            [TestTokens.Issue(claims)] = HttpStatusCode.OK,
        };

        foreach (var (token, expected) in tokens)
        {
            using var client = monitoring.Service.ClientWith(token);
            Assert.Equal(expected, (await client.GetAsync(new Uri("/api/monitoring/devices", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        }

        using var anonymous = monitoring.Service.CreateClient();
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await anonymous.GetAsync(new Uri("/api/monitoring/devices", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData("/api/monitoring/users")]
    [InlineData("/api/monitoring/ledger")]
    public async Task What_is_the_operators_is_closed_to_clients(string path)
    {
        using var client = monitoring.Service.ClientOf(DevelopmentData.Alice);
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    private async Task<HashSet<Guid>> DevicesOfAsync(Guid caller)
    {
        using var client = monitoring.Service.ClientOf(caller);
        var devices = new HashSet<Guid>();
        await foreach (var page in client.ReadPagesAsync<Seen>("/api/monitoring/devices?limit=1000", TestContext.Current.CancellationToken))
            devices.UnionWith(page.Select(device => device.Id));

        return devices;
    }

    private sealed record Seen(Guid Id);

    private async Task<HttpStatusCode> StatusAsync(Guid caller, string query)
    {
        using var client = monitoring.Service.ClientOf(caller);
        return (await client.GetAsync(Daily(query), TestContext.Current.CancellationToken)).StatusCode;
    }

    private static Uri Daily(string query) => new($"/api/monitoring/hourly/daily?{query}", UriKind.Relative);
}
