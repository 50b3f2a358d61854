using System.Net.Http.Json;
using System.Text.Json;

namespace EnergyAspire.Identity.Tests;

public sealed class DiscoveryTests(IdentityFixture fixture)
{
    [Fact]
    public async Task Services_inside_find_the_keys_without_the_gateway()
    {
        using var client = fixture.Identity.CreateClient();
        client.BaseAddress = new Uri("http://identity.internal:5001");
        var document = await client.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");

        Assert.Equal(IdentityHost.Issuer, document.GetProperty("issuer").GetString());
        Assert.StartsWith("http://identity.internal:5001/", document.GetProperty("jwks_uri").GetString(), StringComparison.Ordinal);
        Assert.Equal("http://identity.internal:5001/connect/token", document.GetProperty("token_endpoint").GetString());
    }

    [Theory]
    [InlineData("energy.example")]
    [InlineData("evil.example")]
    public async Task Clients_outside_see_the_issuer_s_addresses_whatever_host_they_ask(string host)
    {
        using var client = fixture.Identity.CreateClient();
        client.BaseAddress = new Uri("http://identity.internal:5001");
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", host);
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "http");
        var document = await client.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");

        Assert.Equal(IdentityHost.Issuer, document.GetProperty("issuer").GetString());
        foreach (var member in document.EnumerateObject().Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal) || member.Name == "jwks_uri"))
            Assert.StartsWith("https://energy.example/", member.Value.GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_names_what_clients_can_use_and_nothing_internal()
    {
        using var client = fixture.Identity.CreateClient();
        var document = await client.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");
        string[] Values(string name) => [.. document.GetProperty(name).EnumerateArray().Select(value => value.GetString()!).Order(StringComparer.Ordinal)];

        Assert.Equal(["client_secret_basic", "client_secret_post", "none"], Values("token_endpoint_auth_methods_supported"));
        Assert.Equal(["client_secret_basic", "client_secret_post", "none"], Values("revocation_endpoint_auth_methods_supported"));
        Assert.Equal(["authorization_code", "client_credentials", "password", "refresh_token"], Values("grant_types_supported"));
    }

    [Fact]
    public async Task The_document_answers_head_as_get()
    {
        using var client = fixture.Identity.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/.well-known/openid-configuration");
        using var answer = await client.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task The_jwks_holds_public_signing_keys_only()
    {
        using var client = fixture.Identity.CreateClient();
        var document = await client.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");
        var keys = await client.GetFromJsonAsync<JsonElement>(new Uri(document.GetProperty("jwks_uri").GetString()!).PathAndQuery);

        var key = Assert.Single(keys.GetProperty("keys").EnumerateArray());
        Assert.Equal("RSA", key.GetProperty("kty").GetString());
        Assert.Equal("sig", key.GetProperty("use").GetString());
        Assert.Equal("RS256", key.GetProperty("alg").GetString());
        Assert.False(key.TryGetProperty("d", out _));
    }
}
