using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Identity;

/// <summary>Settings of the service, section <c>Identity</c>.</summary>
public sealed class IdentitySettings
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Identity";

    /// <summary>Public address of the system, which is the gateway's; the issuer of every token.</summary>
    public Uri? Issuer { get; set; }

    /// <summary>Secret that encrypts the private keys in the database; the same for every replica and start.</summary>
    public string KeyPassphrase { get; set; } = "";

    /// <summary>How old the newest key gets before it gets a successor.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a new key is published before it signs, so that every service has heard of it by then.</summary>
    public TimeSpan KeyPublishAhead { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Secrets of the services that may ask for service tokens, by client id; at least 16 characters each.</summary>
    public Dictionary<string, string> ServiceSecrets { get; } = new(StringComparer.Ordinal);

    /// <summary>Programs that people sign in to through Identity's own page, by client id; public clients, which have no secret.</summary>
    public Dictionary<string, ClientSettings> Clients { get; } = new(StringComparer.Ordinal);

    /// <summary>Administrator to create when there is none. There is no default.</summary>
    public FirstAdminSettings? FirstAdmin { get; set; }
}

/// <summary>A program that asks for tokens by authorization code with PKCE.</summary>
public sealed class ClientSettings
{
    /// <summary>What the sign-in page calls it; the client id when there is none.</summary>
    public string? DisplayName { get; set; }

    /// <summary>Where codes may be sent; compared character by character.</summary>
    public IList<Uri> RedirectUris { get; } = [];

    /// <summary>Where a browser may go after signing out; compared character by character.</summary>
    public IList<Uri> PostLogoutRedirectUris { get; } = [];

    /// <summary>
    /// Whether every address is one that only this program can receive at: https, http on the same machine, or a scheme of an app
    /// that is a reversed domain name (RFC 8252), without a fragment.
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

    /// <summary>Password of at least 12 characters; only used to create the account.</summary>
    public string Password { get; set; } = "";
}

internal static class IdentitySettingsExtensions
{
    /// <summary>Binds the settings; a wrong one stops the start with a sentence that names it.</summary>
    public static void AddIdentitySettings(this IHostApplicationBuilder builder)
    {
        var settings = builder.Services.AddOptions<IdentitySettings>().BindConfiguration(IdentitySettings.Section);
        if (OpenApiExtensions.IsGeneratingDocuments)
            return;

        settings
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
            .ValidateOnStart();
    }
}
