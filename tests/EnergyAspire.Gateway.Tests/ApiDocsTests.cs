using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Gateway.Tests;

public sealed partial class ApiDocsTests
{
    [Fact]
    public async Task The_page_lists_all_documents_and_loads_nothing_from_elsewhere()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var client = new HttpClient { BaseAddress = gateway.Address };

        var page = await client.GetStringAsync("/api/docs");

        foreach (var name in new[] { "identity", "users", "devices", "monitoring", "gateway" })
            Assert.Contains($"api/docs/openapi/{name}.json", page, StringComparison.Ordinal);
        Assert.All(Sources().Matches(page).Select(match => match.Groups["source"].Value), source =>
            Assert.DoesNotContain("//", source, StringComparison.Ordinal));
        foreach (var source in Sources().Matches(page).Select(match => new Uri(new Uri(gateway.Address, "/api/docs/"), match.Groups["source"].Value)))
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(source)).StatusCode);
    }

    [Theory]
    [InlineData(ResourceNames.Identity)]
    [InlineData(ResourceNames.Users)]
    [InlineData(ResourceNames.Devices)]
    [InlineData(ResourceNames.Monitoring)]
    public async Task A_services_document_comes_from_the_service(string service)
    {
        await using var gateway = await RunningGateway.StartAsync();

        await gateway.Client().GetStringAsync($"/api/docs/openapi/{service}.json");

        Assert.Equal("/openapi/v1.json", gateway.Services[service].Requests.Single().Path);
    }

    [Fact]
    public async Task The_gateways_own_document_describes_the_session()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var document = await gateway.Client().GetFromJsonAsync<JsonElement>("/api/docs/openapi/gateway.json");

        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name);
        Assert.Equal(["/session", "/session/links", "/session/health", "/session/register", "/session/accounts"], paths);
    }

    [GeneratedRegex("""<(?:script|link|img)[^>]*(?:src|href)="(?<source>[^"]*)"[^>]*>""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sources();
}
