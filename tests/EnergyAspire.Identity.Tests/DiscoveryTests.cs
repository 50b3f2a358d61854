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

    [Fact]
    public async Task Clients_outside_see_the_gateway_s_addresses()
    {
        using var client = fixture.Identity.CreateClient();
        client.BaseAddress = new Uri("http://identity.internal:5001");
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "energy.example");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        var document = await client.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");

        Assert.Equal(IdentityHost.Issuer, document.GetProperty("issuer").GetString());
        Assert.StartsWith("https://energy.example/", document.GetProperty("jwks_uri").GetString(), StringComparison.Ordinal);
        Assert.Equal("https://energy.example/connect/token", document.GetProperty("token_endpoint").GetString());
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
