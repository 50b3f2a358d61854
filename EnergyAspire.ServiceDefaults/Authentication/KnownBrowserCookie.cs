using Microsoft.Extensions.Hosting;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>Name of the cookie by which Identity knows a browser again; the gateway passes it on when a browser signs in.</summary>
public static class KnownBrowserCookie
{
    /// <summary>Browsers keep the prefix's promise: set over TLS, for this host and every path only. In Development there may be no TLS.</summary>
    public static string NameIn(IHostEnvironment environment) => environment.IsDevelopment() ? "energy-known-browser" : "__Host-energy-known-browser";
}
