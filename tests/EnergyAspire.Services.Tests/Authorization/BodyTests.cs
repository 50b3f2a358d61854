using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Services.Tests.Authorization;

/// <summary>How services read bodies when no gateway is before them.</summary>
[Collection<RunningServicesCollection>]
public sealed class BodyTests(RunningServices services)
{
    private static readonly string Lock = $"/api/auth/users/{Guid.Empty}/lock";
    private static readonly string Alice = $"/api/users/{DevelopmentData.Alice}";

    /// <summary>Service, method, path, and a body that is read but changes nothing.</summary>
    public static TheoryData<string, string, string, string> Operations => new()
    {
        { ResourceNames.Identity, "POST", "/api/auth/login", "{}" },
        { ResourceNames.Identity, "PUT", "/api/auth/me/password", "{}" },
        { ResourceNames.Identity, "PUT", Lock, "{}" },
        { ResourceNames.Users, "PUT", Alice, "{}" },
        { ResourceNames.Devices, "POST", "/api/devices", "{}" },
        { ResourceNames.Devices, "POST", "/api/mappings/assign", "{}" },
        { ResourceNames.Monitoring, "POST", "/api/monitoring/quarantine/replay", "{}" },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_charset_in_quotes_or_of_another_spelling_is_understood_and_an_unknown_one_refused(
        string service, string method, string path, string body)
    {
        using var plain = await SendAsync(service, method, path, body, "application/json");
        Assert.NotEqual(HttpStatusCode.UnsupportedMediaType, plain.StatusCode);
        foreach (var charset in new[] { "\"utf-8\"", "UTF-8", "utf8", "\"UTF8\"", "", "\"\"", "iso-8859-1", "utf-16" })
        {
            using var answer = await SendAsync(service, method, path, body, $"application/json; charset={charset}", charset == "utf-16" ? Encoding.Unicode : null);
            Assert.True(plain.StatusCode == answer.StatusCode, $"{charset}: {answer.StatusCode}, not {plain.StatusCode}");
        }

        foreach (var charset in new[] { "bogus", "\"bogus\"", "utf-7" })
        {
            using var answer = await SendAsync(service, method, path, body, $"application/json; charset={charset}");
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
            Assert.Contains("charset", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_body_that_can_t_be_read_is_refused_and_logged_without_a_stack_trace(string service, string method, string path, string body)
    {
        var log = services.LogOf(service);
        log.Clear();
        foreach (var broken in new[] { body[..^1], "nonsense", "[1]", "\"\\ud800\"" })
        {
            using var answer = await SendAsync(service, method, path, broken, "application/json");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        // Workers in the background log that Identity isn't here.
        Assert.DoesNotContain(
            log.GetSnapshot(),
            entry => entry.Level >= LogLevel.Information && entry.Exception is not null && entry.Category!.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal));
    }

    private async Task<HttpResponseMessage> SendAsync(string service, string method, string path, string body, string type, Encoding? encoding = null)
    {
        using var content = new ByteArrayContent((encoding ?? Encoding.UTF8).GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        return await services.SendAsync(service, new HttpMethod(method), path, Caller.Admin, content);
    }
}
