using EnergyAspire.Identity.Accounts;

namespace EnergyAspire.Identity;

/// <summary>Settings of the service, section <c>Identity</c>.</summary>
public sealed class IdentitySettings
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Identity";

    /// <summary>Public address of the system, which is the gateway's. It is the issuer of all tokens.</summary>
    public Uri? Issuer { get; set; }

    /// <summary>
    /// Secret that encrypts the private keys in the database, at least 16 characters. It must be the same in all replicas and must not change.
    /// </summary>
    public string KeyPassphrase { get; set; } = "";

    /// <summary>Age of the newest key at which a new one is created. Longer than <see cref="KeyPublishAhead"/>.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a new key is published before it signs tokens, so that all services have fetched it by then. At least two minutes.</summary>
    public TimeSpan KeyPublishAhead { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Secrets of the services that may request service tokens, by client id; at least 16 characters each.</summary>
    public Dictionary<string, string> ServiceSecrets { get; } = new(StringComparer.Ordinal);

    /// <summary>Other client applications, by client id. Their users sign in on Identity's page. They are public clients without a secret.</summary>
    public Dictionary<string, ClientSettings> Clients { get; } = new(StringComparer.Ordinal);

    /// <summary>Administrator that is created when there is none. There is no default.</summary>
    public FirstAdminSettings? FirstAdmin { get; set; }
}

/// <summary>A client application that uses the authorization code flow with PKCE.</summary>
public sealed class ClientSettings
{
    /// <summary>Name on the sign-in page; by default the client id.</summary>
    public string? DisplayName { get; set; }

    /// <summary>Addresses that authorization codes may be sent to; compared character by character.</summary>
    public IList<Uri> RedirectUris { get; } = [];

    /// <summary>Addresses that a browser may be redirected to after signing out; compared character by character.</summary>
    public IList<Uri> PostLogoutRedirectUris { get; } = [];

    /// <summary>
    /// Whether only this program can receive requests at its addresses: https, http on the same machine, or an app's private URI scheme that is
    /// a reversed domain name (RFC 8252), all without a fragment.
    /// </summary>
    internal bool IsSound => RedirectUris.Count > 0 && RedirectUris.Concat(PostLogoutRedirectUris).All(uri =>
        uri is { IsAbsoluteUri: true, Fragment: "", UserInfo: "" }
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback) || uri.Scheme.Contains('.', StringComparison.Ordinal)));
}

/// <summary>The first administrator outside Development.</summary>
public sealed class FirstAdminSettings
{
    /// <summary>Sign-in name.</summary>
    public string Username { get; set; } = "";

    /// <summary>Password of at least 12 characters that isn't easily guessed. It is used only while there is no administrator.</summary>
    public string Password { get; set; } = "";
}

internal static class IdentitySettingsExtensions
{
    /// <summary>Binds and validates the settings. An invalid one fails the start with a message that names it.</summary>
    public static void AddIdentitySettings(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<IdentitySettings>().BindConfiguration(IdentitySettings.Section)
            .Validate(
                s => s.Issuer is { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "" },
                "Identity:Issuer must be the system's public http or https address, such as http://localhost:8080/.")
            .Validate(
                s => s.KeyPassphrase.Length >= 16,
                "Identity:KeyPassphrase must be a secret of at least 16 characters; it encrypts the signing keys in the database.")
            .Validate(
                s => s.KeyPublishAhead >= TimeSpan.FromMinutes(2) && s.KeyLifetime > s.KeyPublishAhead,
                "Identity:KeyPublishAhead must be at least two minutes, and Identity:KeyLifetime longer.")
            .Validate(
                s => s.ServiceSecrets.Values.All(secret => secret.Length >= 16),
                "Identity:ServiceSecrets must be secrets of at least 16 characters each.")
            .Validate(
                s => s.Clients.All(client => !Tokens.Applications.IsReserved(client.Key) && client.Value.IsSound),
                "Identity:Clients need an id of their own and RedirectUris that are absolute, without a fragment, and https, http on the same machine or a scheme such as com.example.app.")
            .Validate(
                s => s.FirstAdmin is null || (!string.IsNullOrWhiteSpace(s.FirstAdmin.Username) && s.FirstAdmin.Password.Length >= 12),
                "Identity:FirstAdmin needs a Username and a Password of at least 12 characters.")
            .Validate(
                s => s.FirstAdmin is not { } first || !GuessablePasswords.IsGuessable(first.Password, first.Username),
                "Identity:FirstAdmin:Password is one of the first that others would try; choose another, such as a few words that don't belong together.")
            .ValidateOnStart();
    }
}
