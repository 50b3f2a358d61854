using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace EnergyAspire.Identity.Tokens;

/// <summary>The OpenID Connect configuration of Identity for its own token checks, built without fetching the discovery document.</summary>
internal sealed class OwnConfiguration(KeyRing ring, Uri issuer) : IConfigurationManager<OpenIdConnectConfiguration>
{
    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        var configuration = new OpenIdConnectConfiguration { Issuer = issuer.AbsoluteUri };
        foreach (var key in ring.Keys?.Signing ?? [])
            configuration.SigningKeys.Add(key);

        return Task.FromResult(configuration);
    }

    /// <summary>Does nothing: the ring is always current.</summary>
    public void RequestRefresh()
    {
    }
}
