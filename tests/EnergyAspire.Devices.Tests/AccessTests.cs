using System.Net;
using System.Net.Http.Json;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Devices.Tests;

/// <summary>Who may call what changes things or is for services only; what may be read is tested with the reading.</summary>
public sealed class AccessTests(ChangingService service) : IClassFixture<ChangingService>
{
    private const string Id = "00000000-0000-7000-8000-00000000dead";

    [Theory]
    [InlineData("POST", "/api/devices", "admin")]
    [InlineData("PUT", $"/api/devices/{Id}", "admin")]
    [InlineData("DELETE", $"/api/devices/{Id}", "admin")]
    [InlineData("POST", "/api/devices/import", "admin")]
    [InlineData("GET", "/api/devices/import/template", "admin")]
    [InlineData("GET", "/api/devices/audit", "admin")]
    [InlineData("POST", "/api/mappings/assign", "admin")]
    [InlineData("DELETE", $"/api/mappings/unassign/{Id}", "admin")]
    [InlineData("DELETE", $"/api/mappings/{Id}/{Id}", "admin")]
    [InlineData("POST", "/api/devices/users/rebuild", "admin,replica")]
    [InlineData("GET", "/internal/devices", "replica")]
    [InlineData("GET", "/internal/mappings", "replica")]
    [InlineData("PUT", $"/internal/users/{Id}", "saga")]
    [InlineData("DELETE", $"/internal/users/{Id}", "saga")]
    [InlineData("DELETE", $"/internal/users/{Id}/rollback", "saga")]
    public async Task Only_they_may_call_it(string method, string path, string who)
    {
        var tokens = new Dictionary<string, string>
        {
            ["admin"] = TestTokens.ForAccount(DevelopmentData.Admin, "admin", "admin"),
            ["client"] = TestTokens.ForAccount(DevelopmentData.Alice, "alice", "client"),
            ["saga"] = TestTokens.ForSaga(),
            ["replica"] = TestTokens.ForReplica(),
        };

        foreach (var (caller, token) in tokens)
        {
            var status = await StatusAsync(service.Host.ClientWith(token), method, path);
            if (who.Split(',').Contains(caller))
                Assert.DoesNotContain(status, (HttpStatusCode[])[HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.InternalServerError]);
            else
                Assert.Equal((caller, HttpStatusCode.Forbidden), (caller, status));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service.Host.CreateClient(), method, path));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service.Host.ClientWith("garbage"), method, path));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Add(SagaSteps.Header, "no saga");
        if (method is "POST" or "PUT")
            request.Content = JsonContent.Create(new { });
        using var answer = await client.SendAsync(request);

        return answer.StatusCode;
    }
}
