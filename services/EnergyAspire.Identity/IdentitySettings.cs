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

    /// <summary>Secrets of the services that may ask for service tokens, by client id; at least 16 characters each.</summary>
    public Dictionary<string, string> ServiceSecrets { get; } = new(StringComparer.Ordinal);

    /// <summary>Administrator to create when there is none. There is no default.</summary>
    public FirstAdminSettings? FirstAdmin { get; set; }
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
                s => s.ServiceSecrets.Values.All(secret => secret.Length >= 16),
                "Identity:ServiceSecrets must be secrets of at least 16 characters each.")
            .Validate(
                s => s.FirstAdmin is null || (!string.IsNullOrWhiteSpace(s.FirstAdmin.Username) && s.FirstAdmin.Password.Length >= 12),
                "Identity:FirstAdmin needs a Username and a Password of at least 12 characters.")
            .ValidateOnStart();
    }
}
