using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace EnergyAspire.Hosting;

/// <summary>RabbitMQ from the programs of this machine: a separate node beside any others, without Erlang's port mapper (epmd).</summary>
internal sealed class LocalRabbitMQResource(IDistributedApplicationBuilder builder, string name, IReadOnlyDictionary<string, ParameterResource> accounts)
    : LocalServerResource(builder, name, stopSignal: "TERM")
{
    internal const string Administrator = "guest";
    internal const string Nodes = "nodes";

    // Folders of RabbitMQ's own scripts. Debian's wrapper on the PATH isn't used, because it changes the user.
    private static readonly string[] Folders = ["/usr/lib/rabbitmq/bin", "/usr/local/lib/rabbitmq/sbin", "/opt/rabbitmq/sbin"];

    /// <summary>Address of the management page.</summary>
    public EndpointReference ManagementEndpoint => new(this, "management");

    /// <summary>Where Prometheus scrapes the broker; without authentication, therefore on the loopback address only.</summary>
    public EndpointReference MetricsEndpoint => new(this, Broker.Metrics);

    /// <inheritdoc />
    public override ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"amqp://{Administrator}:{Password:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");

    private protected override string FindProgram() => Find("rabbitmq-server", "rabbitmq-server", Folders);

    private protected override async Task PrepareAsync(ILogger logger, CancellationToken cancel)
    {
        await WriteAsync("definitions.json", await BrokerDefinitions.WithPasswordsAsync(accounts, Password, cancel));
        await WriteAsync("enabled_plugins", Broker.Plugins);
        await WriteAsync("rabbitmq.conf", $"""
            listeners.tcp.1 = 127.0.0.1:{PrimaryEndpoint.Port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {ManagementEndpoint.Port}
            mqtt.allow_anonymous = false
            mqtt.listeners.tcp.1 = 127.0.0.1:{Port(Broker.Mqtt)}
            prometheus.tcp.ip = 127.0.0.1
            prometheus.tcp.port = {MetricsEndpoint.Port}
            load_definitions = {WorkingDirectory}/definitions.json
            log.file = false
            log.console = true
            log.console.level = info

            """);

        async Task WriteAsync(string file, string text) => await File.WriteAllTextAsync(Path.Combine(WorkingDirectory, file), text, cancel);
    }

    private protected override async Task ConnectAsync(string connectionString, CancellationToken cancel)
    {
        var factory = new ConnectionFactory { Uri = new Uri(connectionString), AutomaticRecoveryEnabled = false, ClientProvidedName = "health" };
        await using var connection = await factory.CreateConnectionAsync(cancel);
    }

    /// <summary>Sets the variables of the node's scripts, and clears those for another node in this process's environment.</summary>
    internal void SetVariables(Dictionary<string, object> variables)
    {
        foreach (var other in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => name.StartsWith("RABBITMQ_", StringComparison.Ordinal)))
            variables[other] = "";
        foreach (var (name, value) in Variables())
            variables[name] = value;
    }

    private int Port(string endpoint) => new EndpointReference(this, endpoint).Port;

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
            $"-noinput -sname rabbit@localhost -start_epmd false -erl_epmd_port {Port(Nodes)} -kernel inet_dist_use_interface {{127,0,0,1}}",
        // The broker runs an erl process each minute. Without this flag that would start the port mapper, which would never be stopped.
        ["ERL_FLAGS"] = "-start_epmd false",
        ["ERL_CRASH_DUMP"] = Path.Combine(WorkingDirectory, "erl_crash.dump"),
    };
}
