using System.Reflection;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;

namespace EnergyAspire.Doctor;

/// <summary>A service's database.</summary>
/// <param name="Name">Name of its connection string, such as <c>auth-db</c>.</param>
/// <param name="Service">Service that owns it.</param>
/// <param name="ConnectionString">Connection string of the service's role; null when the doctor doesn't know it.</param>
/// <param name="HasOutbox">Whether the service publishes events.</param>
internal sealed record InspectedDatabase(string Name, string Service, string? ConnectionString, bool HasOutbox)
{
    /// <summary>Migrations of this version, oldest first.</summary>
    public IReadOnlyList<string> Migrations { get; } =
    [
        .. typeof(InspectedDatabase).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Where(file => file.Key.Replace('\\', '/').Contains($"/EnergyAspire.{Service}/Data/Migrations/", StringComparison.OrdinalIgnoreCase))
            .Select(file => file.Value!)
            .Order(StringComparer.Ordinal),
    ];
}

/// <summary>What the doctor knows of an installation: the settings of its services, which it has under the same names.</summary>
internal sealed class Installation
{
    /// <summary>The services that answer <c>/health</c>.</summary>
    public static readonly string[] ServiceNames =
        [ResourceNames.Provisioning, ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring, ResourceNames.Gateway];

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">A setting of the doctor itself has a wrong form.</exception>
    public Installation(IConfiguration settings)
    {
        Settings = settings;
        Options = settings.GetSection(DoctorOptions.Section).Get<DoctorOptions>() ?? new DoctorOptions();
        Databases =
        [
            new(ResourceNames.AuthDatabase, ResourceNames.Identity, ConnectionString(ResourceNames.AuthDatabase), HasOutbox: true),
            new(ResourceNames.UserDatabase, ResourceNames.Users, ConnectionString(ResourceNames.UserDatabase), HasOutbox: false),
            new(ResourceNames.DeviceDatabase, ResourceNames.Devices, ConnectionString(ResourceNames.DeviceDatabase), HasOutbox: true),
            new(ResourceNames.MonitoringDatabase, ResourceNames.Monitoring, ConnectionString(ResourceNames.MonitoringDatabase), HasOutbox: true),
        ];
    }

    /// <summary>All settings.</summary>
    public IConfiguration Settings { get; }

    /// <summary>Settings of the doctor.</summary>
    public DoctorOptions Options { get; }

    /// <summary>Name of the environment; without one it is Production, as for the services.</summary>
    public string EnvironmentName => Settings["ASPNETCORE_ENVIRONMENT"] ?? Settings["DOTNET_ENVIRONMENT"] ?? "Production";

    /// <summary>Whether accounts and passwords of Development are allowed.</summary>
    public bool IsDevelopment => string.Equals(EnvironmentName, "Development", StringComparison.OrdinalIgnoreCase);

    /// <summary>The services' databases.</summary>
    public IReadOnlyList<InspectedDatabase> Databases { get; }

    /// <summary>PostgreSQL's administrator, or a service's role when the doctor doesn't know the administrator; null when it knows none.</summary>
    public string? Postgres =>
        ConnectionString(ResourceNames.Postgres) ?? Databases.Select(database => database.ConnectionString).FirstOrDefault(connection => connection is not null);

    /// <summary>Connection string of the broker.</summary>
    public string? Broker => ConnectionString(ResourceNames.Messaging);

    /// <summary>Connection string of Redis; null when there is none.</summary>
    public string? Cache => ConnectionString(ResourceNames.Cache);

    /// <summary>Public address of the system; null when it is missing or not absolute.</summary>
    public Uri? Issuer => Uri.TryCreate(Settings["Identity:Issuer"], UriKind.Absolute, out var issuer) ? issuer : null;

    /// <summary>Address of RabbitMQ's management API.</summary>
    public Uri Management
    {
        get
        {
            if (Options.BrokerManagement is { } configured)
                return configured;

            var broker = BrokerFactory();
            return new UriBuilder(broker.Ssl.Enabled ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, broker.HostName, broker.Endpoint.Port + 10000).Uri;
        }
    }

    /// <summary>Reads a connection string; null when it is missing or empty.</summary>
    public string? ConnectionString(string name) => Settings.GetConnectionString(name) is { Length: > 0 } connection ? connection : null;

    /// <summary>A check in a service's database, which can't be made without its connection string.</summary>
    public Check CheckIn(string database, string name, Func<string, CancellationToken, Task<Verdict>> run) =>
        ConnectionString(database) is { } connection
            ? new Check(name, cancel => run(connection, cancel))
            : Check.WithoutSetting(name, $"ConnectionStrings:{database}");

    /// <summary>Addresses of a service, in the form of service discovery.</summary>
    public IReadOnlyList<Uri> AddressesOf(string service)
    {
        var endpoints = Settings.GetSection($"services:{service}");
        var addresses = endpoints.GetSection("http").GetChildren().ToList() is { Count: > 0 } plain ? plain : endpoints.GetSection("https").GetChildren();

        return [.. addresses.Select(address => Uri.TryCreate(address.Value, UriKind.Absolute, out var uri) ? uri : null).OfType<Uri>()];
    }

    /// <summary>Account, address and virtual host of the broker.</summary>
    public ConnectionFactory BrokerFactory() => new()
    {
        Uri = new Uri(Broker!),
        ClientProvidedName = "EnergyAspire doctor",
        AutomaticRecoveryEnabled = false,
    };
}
