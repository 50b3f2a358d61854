using System.ComponentModel.DataAnnotations;
using System.Net;

namespace EnergyAspire.Gateway;

/// <summary>Settings of the gateway; section <c>Gateway</c> of the configuration.</summary>
public sealed class GatewayOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Gateway";

    /// <summary>
    /// Folder of the keys that encrypt session cookies. Replicas share it, and sessions outlive a restart with it; without it
    /// each machine account has keys of its own.
    /// </summary>
    public string? KeysFolder { get; set; }

    /// <summary>Address of the dashboard with logs, traces and metrics, shown to admins; null when there is none that people can reach.</summary>
    public Uri? Dashboard { get; set; }

    /// <summary>
    /// Addresses (<c>10.0.0.7</c>) or networks (<c>10.0.0.0/24</c>) of the proxies before the gateway, such as what ends TLS. What these say
    /// of a caller's address, scheme and host is believed; nobody else is.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>Origins (<c>https://solar.example</c>) whose pages may call the API from a browser, with a bearer token; none by default.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    internal IEnumerable<IPNetwork> TrustedNetworks => TrustedProxies.SelectMany(NetworksOf);

    internal bool HasReadableProxies => TrustedProxies.All(proxy => NetworksOf(proxy).Any());

    internal bool HasReadableOrigins => AllowedOrigins.All(origin =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == origin);

    /// <summary>How long before its end an access token is renewed, at most a fifth of its life.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RenewAhead { get; set; } = TimeSpan.FromMinutes(5);

    private static IEnumerable<IPNetwork> NetworksOf(string proxy) =>
        IPNetwork.TryParse(proxy, out var network) ? [network]
        : IPAddress.TryParse(proxy, out var address) ? [new IPNetwork(address, address.GetAddressBytes().Length * 8)]
        : [];
}

internal static class GatewayOptionsExtensions
{
    /// <summary>Binds the settings; a wrong one stops the start with a sentence that names it.</summary>
    public static void AddGatewayOptions(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<GatewayOptions>()
            .BindConfiguration(GatewayOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.HasReadableProxies, "Gateway:TrustedProxies must be IP addresses or networks, such as 10.0.0.7 or 10.0.0.0/24.")
            .Validate(options => options.HasReadableOrigins, "Gateway:AllowedOrigins must be origins without a path, such as https://solar.example.")
            .ValidateOnStart();
}
