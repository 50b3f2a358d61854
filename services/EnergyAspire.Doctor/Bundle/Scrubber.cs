using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace EnergyAspire.Doctor.Bundle;

/// <summary>
/// Removes the secrets of the settings and the names of accounts from texts. The bundle is made without them; this is a second protection, for
/// example against a message of a server that repeats a password.
/// </summary>
internal sealed class Scrubber
{
    private const string Replacement = "(removed)";

    // Shorter texts occur in ordinary words.
    private const int Shortest = 6;

    private static readonly string[] SecretWords =
        ["password", "passwd", "pwd", "secret", "passphrase", "token", "credential", "apikey", "api_key", "api-key", "headers"];

    // Accounts of an installation with the names of the product.
    private static readonly HashSet<string> UsualUsers = new(StringComparer.OrdinalIgnoreCase)
    {
        "admin", "auth_service", "default", "declaring-meters", "device_service", "devices", "energyadmin", "guest", "identity", "meters", "monitoring",
        "monitoring_service", "mqtt-meters", "postgres", "simulator", "user_service", "users",
    };

    private readonly string[] _secrets;
    private readonly Regex[] _users;

    /// <summary>Collects the secrets of the settings.</summary>
    public Scrubber(IConfiguration settings)
    {
        var credentials = Credential.AllOf(settings).ToList();
        var secrets = credentials.Select(credential => credential.Secret).ToList();
        // An account at a server may have a person's name.
        _users =
        [
            .. credentials.Select(credential => credential.User).OfType<string>()
                .Where(user => user.Length > 0 && !UsualUsers.Contains(user)).Distinct(StringComparer.Ordinal)
                .Select(user => new Regex($@"(?<!\w){Regex.Escape(user)}(?!\w)", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1))),
        ];
        foreach (var (key, value) in settings.AsEnumerable())
        {
            if (value is not { Length: > 0 })
                continue;
            if (Array.Exists(SecretWords, word => key.Contains(word, StringComparison.OrdinalIgnoreCase)))
                secrets.Add(value);
            // A token may be an address's account, without a password.
            if (Uri.TryCreate(value, UriKind.Absolute, out var address) && Credential.UserInfoOf(address) is { User: { } user, Password: var password }
                && (password ?? (UsualUsers.Contains(user) ? null : user)) is { } secret)
                secrets.Add(secret);
        }

        _secrets =
        [
            .. secrets.SelectMany(secret => new[] { secret, Uri.EscapeDataString(secret) })
                .Where(secret => secret.Length >= Shortest).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length),
        ];
    }

    /// <summary>Returns the text without the secrets.</summary>
    public string Scrub(string text)
    {
        var withoutSecrets = _secrets.Aggregate(text, (rest, secret) => rest.Replace(secret, Replacement, StringComparison.Ordinal));
        return _users.Aggregate(withoutSecrets, (rest, user) => user.Replace(rest, Replacement));
    }
}
