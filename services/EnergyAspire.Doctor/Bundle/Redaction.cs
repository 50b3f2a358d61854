using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Npgsql;
using StackExchange.Redis;

namespace EnergyAspire.Doctor.Bundle;

/// <summary>
/// Decides which settings a support bundle contains. A value is shown only when its name is known to be harmless and the value has the form that
/// the setting should have. Of every other known setting the bundle only says that it is set, and unknown ones are only counted.
/// </summary>
internal static partial class Redaction
{
    /// <summary>What stands for a value that isn't shown.</summary>
    public const string Redacted = "(set, not shown)";

    private const string Unreadable = "(set, not readable)";

    // Names are regular expressions over whole keys.
    private static readonly (Regex Name, Func<string, string?> Show)[] Harmless =
    [
        (Key("(ASPNETCORE|DOTNET)_ENVIRONMENT"), value => value is "Production" or "Staging" or "Development" ? value : null),
        (Key("((Metrics|RateLimits|Ingest|Sagas|Replicas|Gateway):[A-Za-z]+|Doctor:Timeout|Identity:(KeyLifetime|KeyPublishAhead))"), NumberOrDuration),
        (Key("(Identity:Issuer|Doctor:BrokerManagement|Gateway:Dashboard|Gateway:AllowedOrigins:[0-9]+|services:[a-z]+:https?:[0-9]+)"), Address),
        (Key("Gateway:TrustedProxies:[0-9]+"), value => IPAddress.TryParse(value, out _) || IPNetwork.TryParse(value, out _) ? value : null),
        (Key("Gateway:Currency"), value => value.Length == 3 && value.All(char.IsAsciiLetterUpper) ? value : null),
        (Key("(Site:TimeZone|Ingest:AssumeZone)"), value => TimeZoneInfo.TryFindSystemTimeZoneById(value, out _) ? value : null),
        (Key("ServiceAccount:ClientId"), value => Installation.ServiceNames.Contains(value, StringComparer.Ordinal) ? value : null),
        (Key("ConnectionStrings:(postgres|auth-db|user-db|device-db|monitoring-db)"), Database),
        (Key("ConnectionStrings:messaging"), Broker),
        (Key("ConnectionStrings:cache"), Cache),
    ];

    private static readonly Regex Named = Key(
        "(AllowedHosts|(Metrics|RateLimits|Ingest|Sagas|Replicas|Site|Doctor|Gateway|ServiceAccount):[A-Za-z]+(:[0-9]+)?"
        + "|Identity:(Issuer|KeyPassphrase|KeyLifetime|KeyPublishAhead|FirstAdmin:Username|FirstAdmin:Password|ServiceSecrets:(identity|devices|monitoring))"
        + "|services:(provisioning|identity|users|devices|monitoring|gateway):https?:[0-9]+|(ASPNETCORE|DOTNET)_ENVIRONMENT"
        + "|ConnectionStrings:(postgres|auth-db|user-db|device-db|monitoring-db|messaging|cache)"
        + "|Provisioning:Databases:(auth|user|device|monitoring)_db:(Role|Password))");

    /// <summary>The settings that may be shown, by name, and the number of the others that are set.</summary>
    public static (SortedDictionary<string, object> Shown, int Others) Of(IConfiguration settings)
    {
        var shown = new SortedDictionary<string, object>(StringComparer.Ordinal);
        var others = 0;
        foreach (var (key, value) in settings.AsEnumerable())
        {
            if (value is not { Length: > 0 })
                continue;
            if (Named.IsMatch(key))
                shown[key] = Show(key, value);
            else
                others++;
        }

        return (shown, others);
    }

    private static string Show(string key, string value) =>
        Harmless.Where(setting => setting.Name.IsMatch(key)).Select(setting => setting.Show(value)).FirstOrDefault(text => text is not null) ?? Redacted;

    private static string? NumberOrDuration(string value) => NumberOrDurationForm().IsMatch(value) || bool.TryParse(value, out _) ? value : null;

    /// <summary>Scheme, host and port of an address; paths and queries may contain secrets.</summary>
    private static string? Address(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        && !HasHiddenAccount(value, address) && IsHost(address.IdnHost)
            ? $"{address.Scheme}://{address.IdnHost}:{address.Port}"
            : null;

    private static string? Database(string value)
    {
        try
        {
            var database = new NpgsqlConnectionStringBuilder(value);
            return IsHost(database.Host) && (database.Database is null || ObjectName().IsMatch(database.Database))
                ? $"Host={database.Host};Port={database.Port};Database={database.Database};SSL Mode={database.SslMode}"
                : Unreadable;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or InvalidOperationException)
        {
            return Unreadable;
        }
    }

    private static string? Broker(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var broker) && broker.Scheme is "amqp" or "amqps"
        && !HasHiddenAccount(value, broker) && IsHost(broker.IdnHost) && VirtualHostPath().IsMatch(broker.AbsolutePath)
            ? $"{broker.Scheme}://{broker.IdnHost}:{broker.Port}{broker.AbsolutePath}"
            : Unreadable;

    private static string? Cache(string value)
    {
        try
        {
            var endpoints = ConfigurationOptions.Parse(value).EndPoints;
            var hosts = endpoints.Select(endpoint => endpoint switch
            {
                DnsEndPoint name when IsHost(name.Host) => $"{name.Host}:{name.Port}",
                IPEndPoint number => $"{number}",
                _ => null,
            }).ToList();

            return hosts.Count > 0 && hosts.TrueForAll(host => host is not null) ? string.Join(',', hosts) : Unreadable;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or InvalidOperationException)
        {
            return Unreadable;
        }
    }

    // A password with a reserved character that isn't escaped ends up in another part of the address.
    private static bool HasHiddenAccount(string value, Uri address) => value.Contains('@', StringComparison.Ordinal) && address.UserInfo.Length == 0;

    private static bool IsHost(string? host) => host is not null && HostForm().IsMatch(host);

    private static Regex Key(string pattern) => new(
        $"^{pattern}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    [GeneratedRegex(@"^-?[0-9]{1,9}([.:][0-9]{1,9}){0,4}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NumberOrDurationForm();

    [GeneratedRegex(@"^[A-Za-z0-9.\-]{1,253}$|^[0-9a-fA-F:]{2,45}$", RegexOptions.NonBacktracking)]
    private static partial Regex HostForm();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex ObjectName();

    [GeneratedRegex("^/?$|^/[A-Za-z0-9_-]{1,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex VirtualHostPath();
}
