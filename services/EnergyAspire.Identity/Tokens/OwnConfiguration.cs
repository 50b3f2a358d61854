using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace EnergyAspire.Identity.Tokens;

/// <summary>What the discovery document would tell Identity about itself.</summary>
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
