using Microsoft.Extensions.Hosting;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>Name of the cookie by which Identity recognises a browser. The gateway passes it on when a browser signs in.</summary>
public static class KnownBrowserCookie
{
    /// <summary>
    /// Browsers accept the prefix __Host- only over TLS, for this host alone and with the path /. In Development, which may have no TLS, the
    /// name has no prefix.
    /// </summary>
    public static string NameIn(IHostEnvironment environment) => environment.IsDevelopment() ? "energy-known-browser" : "__Host-energy-known-browser";
}
