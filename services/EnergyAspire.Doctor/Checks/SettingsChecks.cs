using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Doctor.Checks;

/// <summary>Settings that are missing, wrong or default.</summary>
internal static class SettingsChecks
{
    private const string IssuerName = "settings: issuer";
    private const string HostsName = "settings: allowed hosts";
    private const string ProxiesName = "settings: trusted proxies";
    private const string SecretsName = "settings: secrets";
    private const int ShortestSecret = 12;

    /// <summary>The first values that somebody would try.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "admin", "admin123", "alice123", "bob123", "changeme", "default", "energyadmin", "energyaspire", "guest", "letmein", "passw0rd", "password", "password1",
        "postgres", "rabbitmq", "redis", "root", "secret", "test", "123456", "12345678",
    };

    public static IEnumerable<Check> Of(Installation installation) =>
    [
        Check.Of("settings: connection strings", () => ConnectionStrings(installation)),
        Check.Of(IssuerName, () => Issuer(installation)),
        Check.Of(HostsName, () => Hosts(installation)),
        Check.Of(ProxiesName, () => Proxies(installation)),
        Check.Of(SecretsName, () => Secrets(installation)),
    ];

    private static Verdict ConnectionStrings(Installation installation)
    {
        var missing = installation.Databases.Select(database => database.Name).Append(ResourceNames.Messaging)
            .Where(name => installation.ConnectionString(name) is null).ToList();

        return missing.Count == 0
            ? Verdict.Ok("The connection strings of all databases and of the broker are set.")
            : Verdict.Failed(
                $"Connection strings are missing: {string.Join(", ", missing)}.",
                $"Give the doctor the services' settings, such as ConnectionStrings__{missing[0]} ({Runbook.Doctor}).");
    }

    private static Verdict Issuer(Installation installation)
    {
        const string Action = $"Set Identity:Issuer of every service to the public https address ({Runbook.Tls}).";
        return installation.Issuer switch
        {
            null => Verdict.Failed("Identity:Issuer is missing or not an absolute address.", Action),
            { Scheme: "https" } => Verdict.Ok("Identity:Issuer is an https address."),
            _ when installation.IsDevelopment => Verdict.Ok("Identity:Issuer isn't an https address, which Development allows."),
            _ => Verdict.Failed($"Identity:Issuer isn't an https address, and the environment is {Environment(installation)}: browsers can't sign in.", Action),
        };
    }

    private static Verdict Hosts(Installation installation)
    {
        var hosts = installation.Settings["AllowedHosts"];
        if (hosts is { Length: > 0 } && hosts.Split(';', StringSplitOptions.TrimEntries).Contains("*", StringComparer.Ordinal) && !installation.IsDevelopment)
        {
            return Verdict.Warning(
                "AllowedHosts is *: the gateway accepts requests for every host.",
                $"Remove the setting, then the host of Identity:Issuer applies ({Runbook.Settings}).");
        }

        if (hosts is { Length: > 0 } || installation.IsDevelopment || installation.Issuer is not null)
            return Verdict.Ok(hosts is { Length: > 0 } ? "AllowedHosts names hosts." : "AllowedHosts isn't set, so the host of Identity:Issuer applies.");

        return Verdict.Failed("Neither AllowedHosts nor Identity:Issuer is set, so the gateway doesn't start.", $"Set Identity:Issuer ({Runbook.Settings}).");
    }

    private static Verdict Proxies(Installation installation) =>
        installation.Settings.GetSection("Gateway:TrustedProxies").GetChildren().Any(proxy => proxy.Value is { Length: > 0 })
        || installation.IsDevelopment || installation.Issuer?.Scheme != Uri.UriSchemeHttps
            ? Verdict.Ok("The gateway's trusted proxies are set, or none is needed.")
            : Verdict.Warning(
                "Gateway:TrustedProxies is empty: the proxy that terminates TLS counts as the only caller.",
                $"Set the proxy's address in Gateway:TrustedProxies of the gateway ({Runbook.Tls}).");

    private static Verdict Secrets(Installation installation)
    {
        var secrets = Credential.AllOf(installation.Settings).ToList();
        List<string> Settings(Predicate<Credential> condition) =>
            [.. secrets.FindAll(condition).Select(secret => secret.Setting).Distinct(StringComparer.OrdinalIgnoreCase)];

        var known = Settings(secret => Known.Contains(secret.Secret) || string.Equals(secret.Secret, secret.User, StringComparison.OrdinalIgnoreCase));
        if (known.Count > 0)
        {
            return Verdict.Failed(
                $"Passwords that anybody would try first: {string.Join(", ", known)}.",
                $"Change them where the accounts are and in the services' settings ({Runbook.Compose}).");
        }

        var tooShort = Settings(secret => secret.Secret.Length < ShortestSecret);
        return tooShort.Count > 0
            ? Verdict.Warning(
                $"Passwords of less than {ShortestSecret} characters: {string.Join(", ", tooShort)}.",
                $"Generate longer ones, as deploy/make-env.sh does ({Runbook.Compose}).")
            : Verdict.Ok($"None of the {secrets.Count} passwords and secrets is a known default or short.");
    }

    private static string Environment(Installation installation) => installation.EnvironmentName is "Staging" ? "Staging" : "Production";
}
