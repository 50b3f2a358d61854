using System.ComponentModel.DataAnnotations;
using System.Net;

namespace EnergyAspire.Gateway;

/// <summary>Settings of the gateway; section <c>Gateway</c> of the configuration.</summary>
public sealed class GatewayOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Gateway";

    /// <summary>Address of the dashboard with logs, traces and metrics, shown to admins; null when there is none that users can reach.</summary>
    public Uri? Dashboard { get; set; }

    /// <summary>
    /// Addresses (<c>10.0.0.7</c>) or networks (<c>10.0.0.0/24</c>) of the proxies in front of the gateway, such as one that terminates TLS.
    /// Forwarded headers with a caller's address, scheme and host are trusted only from these proxies.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>Origins (<c>https://solar.example</c>) whose pages may call the API from a browser with a bearer token; none by default.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    internal IEnumerable<IPNetwork> TrustedNetworks => TrustedProxies.SelectMany(NetworksOf);

    internal bool HasReadableProxies => TrustedProxies.All(proxy => NetworksOf(proxy).Any());

    internal bool HasReadableOrigins => AllowedOrigins.All(origin =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == origin);

    /// <summary>Currency of all prices, ISO 4217, such as <c>EUR</c>; empty for prices without a currency.</summary>
    [RegularExpression("^([A-Z]{3})?$", ErrorMessage = "Gateway:Currency must be the three letters of a currency, such as EUR.", MatchTimeoutInMilliseconds = 1000)]
    public string Currency { get; set; } = "EUR";

    /// <summary>How long before its expiry an access token is renewed; at most a fifth of its lifetime.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RenewAhead { get; set; } = TimeSpan.FromMinutes(5);

    private static IEnumerable<IPNetwork> NetworksOf(string proxy) =>
        IPNetwork.TryParse(proxy, out var network) ? [network]
        : IPAddress.TryParse(proxy, out var address) ? [new IPNetwork(address, address.GetAddressBytes().Length * 8)]
        : [];
}

internal static class GatewayOptionsExtensions
{
    /// <summary>Binds and validates the settings. An invalid one fails the start with a message that names it.</summary>
    public static void AddGatewayOptions(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<GatewayOptions>()
            .BindConfiguration(GatewayOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.HasReadableProxies, "Gateway:TrustedProxies must be IP addresses or networks, such as 10.0.0.7 or 10.0.0.0/24.")
            .Validate(options => options.HasReadableOrigins, "Gateway:AllowedOrigins must be origins without a path, such as https://solar.example.")
            .ValidateOnStart();
}
