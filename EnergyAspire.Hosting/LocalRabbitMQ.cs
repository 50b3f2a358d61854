using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace EnergyAspire.Hosting;

/// <summary>RabbitMQ from the programs of this machine: a separate node beside any others, without Erlang's port mapper (epmd).</summary>
public sealed class LocalRabbitMQResource : LocalServerResource
{
    internal const string Administrator = "guest";

    private readonly IReadOnlyDictionary<string, ParameterResource> _accounts;

    internal LocalRabbitMQResource(string name, string folder, ParameterResource password, IReadOnlyDictionary<string, ParameterResource> accounts)
        : base(name, folder, password, stopSignal: "TERM") => _accounts = accounts;

    // Folders of RabbitMQ's own scripts. Debian's wrapper on the PATH isn't used, because it changes the user.
    private static readonly string[] Folders = ["/usr/lib/rabbitmq/bin", "/usr/local/lib/rabbitmq/sbin", "/opt/rabbitmq/sbin"];

    /// <summary>Address of the management page.</summary>
    public EndpointReference ManagementEndpoint => new(this, "management");

    /// <summary>Where meters that speak MQTT publish their readings.</summary>
    public EndpointReference MqttEndpoint => new(this, Broker.Mqtt);

    /// <summary>Where Prometheus scrapes the broker; without authentication, therefore on the loopback address only.</summary>
    public EndpointReference MetricsEndpoint => new(this, Broker.Metrics);

    /// <inheritdoc />
    public override ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"amqp://{Administrator}:{Password:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");

    private protected override string FindProgram() => Find("rabbitmq-server", "rabbitmq-server", Folders);

    private protected override async Task PrepareAsync(ILogger logger, CancellationToken cancel)
    {
        await WriteAsync("definitions.json", await BrokerDefinitions.WithPasswordsAsync(_accounts, Password, cancel));
        await WriteAsync("enabled_plugins", "[rabbitmq_management,rabbitmq_mqtt,rabbitmq_prometheus].");
        await WriteAsync("rabbitmq.conf", $"""
            listeners.tcp.1 = 127.0.0.1:{PrimaryEndpoint.Port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {ManagementEndpoint.Port}
            mqtt.allow_anonymous = false
            mqtt.listeners.tcp.1 = 127.0.0.1:{MqttEndpoint.Port}
            prometheus.tcp.ip = 127.0.0.1
            prometheus.tcp.port = {MetricsEndpoint.Port}
            load_definitions = {WorkingDirectory}/definitions.json
            log.file = false
            log.console = true
            log.console.level = info

            """);

        async Task WriteAsync(string file, string text) => await File.WriteAllTextAsync(Path.Combine(WorkingDirectory, file), text, cancel);
    }

    /// <summary>Environment variables for the node's scripts. Variables for another node in this process's environment are cleared.</summary>
    internal IEnumerable<KeyValuePair<string, string>> StartVariables()
    {
        var own = Variables();
        return Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("RABBITMQ_", StringComparison.Ordinal) && !own.ContainsKey(name))
            .Select(name => KeyValuePair.Create(name, ""))
            .Concat(own);
    }

    private Dictionary<string, string> Variables() => new(StringComparer.Ordinal)
    {
        ["HOME"] = WorkingDirectory,
        ["RABBITMQ_NODENAME"] = "rabbit@localhost",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(WorkingDirectory, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(WorkingDirectory, "log"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(WorkingDirectory, "config"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(WorkingDirectory, "rabbitmq.conf"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(WorkingDirectory, "advanced.config"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(WorkingDirectory, "enabled_plugins"),
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_ALLOW_INPUT"] = "true",
        // Without the port mapper the node listens for other nodes on this loopback port only. No other node needs to find it.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            $"-noinput -sname rabbit@localhost -start_epmd false -erl_epmd_port {FreePort()} -kernel inet_dist_use_interface {{127,0,0,1}}",
        // The broker runs an erl process each minute. Without this flag that would start the port mapper, which would never be stopped.
        ["ERL_FLAGS"] = "-start_epmd false",
        ["ERL_CRASH_DUMP"] = Path.Combine(WorkingDirectory, "erl_crash.dump"),
    };
}

internal static class LocalRabbitMQExtensions
{
    /// <summary>Adds RabbitMQ from the programs of this machine.</summary>
    public static IResourceBuilder<LocalRabbitMQResource> AddLocalRabbitMQ(
        this IDistributedApplicationBuilder builder, string name, int? port, int? managementPort, int? mqttPort,
        IReadOnlyDictionary<string, ParameterResource> accounts)
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var server = new LocalRabbitMQResource(name, LocalFolders.For(builder, name), password, accounts);

        builder.Services.AddConnectionCheck($"{name}_check", async cancel =>
        {
            var factory = new ConnectionFactory
            {
                Uri = new Uri((await server.ConnectionStringExpression.GetValueAsync(cancel))!),
                AutomaticRecoveryEnabled = false,
                ClientProvidedName = "health",
            };
            await using var connection = await factory.CreateConnectionAsync(cancel);
        });

        return LocalServerResource.AddTo(
                builder, server, ("tcp", port, "tcp"), ("management", managementPort, "http"), (Broker.Mqtt, mqttPort, "mqtt"), (Broker.Metrics, null, "http"))
            .WithEnvironment(context =>
            {
                foreach (var (variable, value) in server.StartVariables())
                    context.EnvironmentVariables[variable] = value;
            })
            .WithIconName("MailMultiple")
            .WithUrlForEndpoint("management", url => url.DisplayText = "Queues")
            .WithMetricsUrl()
            .WithHealthCheck($"{name}_check");
    }
}
