using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace EnergyAspire.Hosting;

/// <summary>RabbitMQ from the programs of this machine: a node of its own beside any other, without Erlang's port mapper.</summary>
public sealed class LocalRabbitMQResource(string name, string folder, ParameterResource password) : LocalServerResource(name, folder, password, stopSignal: "TERM")
{
    // The script of the distribution, not Debian's wrapper on the PATH, which changes the user.
    private static readonly string[] Folders = ["/usr/lib/rabbitmq/bin", "/usr/local/lib/rabbitmq/sbin", "/opt/rabbitmq/sbin"];

    /// <summary>Address of the management page.</summary>
    public EndpointReference ManagementEndpoint => new(this, "management");

    /// <inheritdoc />
    public override ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"amqp://guest:{Password:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");

    private protected override string FindProgram() => Find("rabbitmq-server", "rabbitmq-server", Folders);

    private protected override async Task PrepareAsync(ILogger logger, CancellationToken cancel)
    {
        await WriteAsync("definitions.json", Definitions((await Password.GetValueAsync(cancel))!));
        await WriteAsync("enabled_plugins", "[rabbitmq_management].");
        await WriteAsync("rabbitmq.conf", $"""
            listeners.tcp.1 = 127.0.0.1:{PrimaryEndpoint.Port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {ManagementEndpoint.Port}
            load_definitions = {WorkingDirectory}/definitions.json
            log.file = false
            log.console = true
            log.console.level = info

            """);

        async Task WriteAsync(string file, string text) => await File.WriteAllTextAsync(Path.Combine(WorkingDirectory, file), text, cancel);
    }

    /// <summary>What the node's scripts read.</summary>
    internal IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>(StringComparer.Ordinal)
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
        // Named here and without the port mapper, the node listens for other nodes on this loopback port only; nothing needs to find it.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            $"-noinput -sname rabbit@localhost -start_epmd false -erl_epmd_port {FreePort()} -kernel inet_dist_use_interface {{127,0,0,1}}",
        // The broker runs an erl each minute. Without this it would start the port mapper, which nobody would stop.
        ["ERL_FLAGS"] = "-start_epmd false",
        ["ERL_CRASH_DUMP"] = Path.Combine(WorkingDirectory, "erl_crash.dump"),
    };

    // Loaded at each start, so the user always has the password of the parameter. They say what rabbitmq.conf says to containers, in the form that
    // every version from 3.10 on understands.
    private static string Definitions(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(4);
        byte[] hash = [.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])];
        return $$$"""
            {
              "users": [{"name": "guest", "password_hash": "{{{Convert.ToBase64String(hash)}}}", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": "administrator"}],
              "vhosts": [{"name": "/", "metadata": {"description": "", "tags": [], "default_queue_type": "quorum"}}],
              "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
              "parameters": [{"component": "operator_policy", "vhost": "/", "name": "keep", "value": {
                "pattern": ".*", "apply-to": "queues", "priority": 0, "definition": { "delivery-limit": {{{int.MaxValue}}} }
              }}]
            }
            """;
    }
}

internal static class LocalRabbitMQExtensions
{
    /// <summary>Adds RabbitMQ from the programs of this machine.</summary>
    public static IResourceBuilder<LocalRabbitMQResource> AddLocalRabbitMQ(
        this IDistributedApplicationBuilder builder, string name, int? port, int? managementPort)
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var server = new LocalRabbitMQResource(name, LocalFolders.For(builder, name), password);

        // One connection for all checks; a new one when the last was lost.
        IConnection? connection = null;
        builder.Services.AddConnectionCheck($"{name}_check", async cancel =>
        {
            if (connection is { IsOpen: true })
                return;

            var factory = new ConnectionFactory
            {
                Uri = new Uri((await server.ConnectionStringExpression.GetValueAsync(cancel))!),
                AutomaticRecoveryEnabled = false,
                ClientProvidedName = "health",
            };
            connection = await factory.CreateConnectionAsync(cancel);
        });

        var local = LocalServerResource.AddTo(builder, server, ("tcp", port, "tcp"), ("management", managementPort, "http"));
        foreach (var (variable, value) in server.Variables)
            local.WithEnvironment(variable, value);

        return local
            .WithIconName("MailMultiple")
            .WithUrlForEndpoint("management", url => url.DisplayText = "Queues")
            .WithHealthCheck($"{name}_check");
    }
}
