namespace EnergyAspire.ServiceDefaults;

/// <summary>Names of the resources in the AppHost, by which services find each other and their connection strings.</summary>
public static class ResourceNames
{
    /// <summary>PostgreSQL server.</summary>
    public const string Postgres = "postgres";

    /// <summary>RabbitMQ broker; also the name of its connection string.</summary>
    public const string Messaging = "messaging";

    /// <summary>Redis, by which replicas of the gateway share sessions and rate limits; also the name of its connection string.</summary>
    public const string Cache = "cache";

    /// <summary>Connection string of Identity's database.</summary>
    public const string AuthDatabase = "auth-db";

    /// <summary>Connection string of Users' database.</summary>
    public const string UserDatabase = "user-db";

    /// <summary>Connection string of Devices' database.</summary>
    public const string DeviceDatabase = "device-db";

    /// <summary>Connection string of Monitoring's database.</summary>
    public const string MonitoringDatabase = "monitoring-db";

    /// <summary>Creates the services' databases and roles.</summary>
    public const string Provisioning = "provisioning";

    /// <summary>Identity service: accounts and tokens.</summary>
    public const string Identity = "identity";

    /// <summary>Users service: profiles.</summary>
    public const string Users = "users";

    /// <summary>Devices service: devices and mappings.</summary>
    public const string Devices = "devices";

    /// <summary>Monitoring service: readings and consumption.</summary>
    public const string Monitoring = "monitoring";

    /// <summary>Gateway: the only process that is reachable from outside.</summary>
    public const string Gateway = "gateway";

    /// <summary>Web app.</summary>
    public const string Web = "web";

    /// <summary>Prometheus, if it is wanted.</summary>
    public const string Prometheus = "prometheus";

    /// <summary>Grafana, beside Prometheus where containers run.</summary>
    public const string Grafana = "grafana";

    /// <summary>Checks the installation on request.</summary>
    public const string Doctor = "doctor";

    /// <summary>Simulated smart meters.</summary>
    public const string Simulator = "simulator";
}
