using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Npgsql;
using StackExchange.Redis;

namespace EnergyAspire.Doctor;

/// <summary>A password or another secret in the settings.</summary>
/// <param name="Setting">Name of the setting that contains it.</param>
/// <param name="User">The account that it belongs to; null when there is none.</param>
/// <param name="Secret">The secret.</param>
internal sealed record Credential(string Setting, string? User, string Secret)
{
    private static readonly string[] Databases =
        [ResourceNames.Postgres, ResourceNames.AuthDatabase, ResourceNames.UserDatabase, ResourceNames.DeviceDatabase, ResourceNames.MonitoringDatabase];

    /// <summary>The passwords in the connection strings, and the secrets of the services. A connection string that can't be read has none.</summary>
    public static IEnumerable<Credential> AllOf(IConfiguration settings)
    {
        var services = new (string Key, string? User, string? Secret)[]
        {
            ("Identity:KeyPassphrase", null, settings["Identity:KeyPassphrase"]),
            ("Identity:FirstAdmin:Password", settings["Identity:FirstAdmin:Username"], settings["Identity:FirstAdmin:Password"]),
            ("ServiceAccount:ClientSecret", settings["ServiceAccount:ClientId"], settings["ServiceAccount:ClientSecret"]),
        }
            .Concat(settings.GetSection("Identity:ServiceSecrets").GetChildren().Select(secret => (secret.Path, (string?)secret.Key, secret.Value)))
            .Concat(settings.GetSection("Provisioning:Databases").GetChildren()
                .Select(database => ($"{database.Path}:Password", database["Role"], database["Password"])));
        var connections = settings.GetSection("ConnectionStrings").GetChildren()
            .Select(connection => (connection.Path, Account: AccountOf(connection.Key, connection.Value ?? "")))
            .Select(connection => (connection.Path, connection.Account.User, connection.Account.Password));

        return services.Concat(connections).Where(secret => secret.Item3 is { Length: > 0 })
            .Select(secret => new Credential(secret.Item1, secret.Item2, secret.Item3!));
    }

    /// <summary>Account and password in a connection string, whatever it is spelled like; null where there is none, or where it can't be read.</summary>
    public static (string? User, string? Password) AccountOf(string name, string connection)
    {
        try
        {
            if (Databases.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                var database = new NpgsqlConnectionStringBuilder(connection);
                return (database.Username, database.Password);
            }

            if (name.StartsWith(ResourceNames.Messaging, StringComparison.OrdinalIgnoreCase))
                return UserInfoOf(new Uri(connection));
            if (string.Equals(name, ResourceNames.Cache, StringComparison.OrdinalIgnoreCase))
            {
                var cache = ConfigurationOptions.Parse(connection);
                return (cache.User, cache.Password);
            }
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or InvalidOperationException)
        {
            // The checks of the servers say that it can't be used.
        }

        return (null, null);
    }

    /// <summary>Account and password of a URI.</summary>
    public static (string? User, string? Password) UserInfoOf(Uri address)
    {
        var parts = address.UserInfo.Split(':', 2);
        return (parts[0].Length > 0 ? Uri.UnescapeDataString(parts[0]) : null, parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : null);
    }
}
