using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp;

namespace Aspire.Hosting;

/// <summary>Runs RabbitMQ from the machine's own programs as a node of its own, beside any other node and without Erlang's port mapper.</summary>
internal static class RabbitMQProgram
{
    // The script of the distribution, not Debian's wrapper, which would change the user.
    private static readonly string[] Folders = ["/usr/lib/rabbitmq/bin", "/usr/local/lib/rabbitmq/sbin", "/opt/rabbitmq/sbin"];

    public static ServerProgramAnnotation For(RabbitMQServerResource server)
    {
        ServerProgramAnnotation? annotation = null;
        annotation = new ServerProgramAnnotation((start, cancel) => PrepareAsync(server, annotation!.HasDataVolume, start, cancel))
        {
            FindMissing = () => ServerFolder.Find("rabbitmq-server", Folders) is null
                ? $"'{server.Name}' needs RabbitMQ on this machine: apt-get install rabbitmq-server (or let ./run.sh do it), or name a server of your own in ConnectionStrings__{server.Name}."
                : null,
        };
        return annotation;
    }

    private static async Task<ServerProgram> PrepareAsync(RabbitMQServerResource server, bool lasting, ServerStart start, CancellationToken cancel)
    {
        var folder = await ServerFolder.CreateAsync(start, server, lasting, user: null, cancel);
        var hasManagement = server.ManagementEndpoint.Exists;
        var user = (await server.UserNameReference.GetValueAsync(cancel))!;
        var password = (await server.PasswordParameter.GetValueAsync(cancel))!;
        var mounted = new MountedSettings(server.Annotations.OfType<SettingsMountAnnotation>().SelectMany(mount => File.ReadLines(mount.Source)));
        await WriteAsync("definitions.json", Definitions(user, password, mounted).ToJsonString());
        await WriteAsync("enabled_plugins", hasManagement ? "[rabbitmq_management]." : "[].");
        await WriteAsync("rabbitmq.conf", $"""
            listeners.tcp.1 = 127.0.0.1:{server.PrimaryEndpoint.Port}
            load_definitions = {folder}/definitions.json
            log.file = false
            log.console = true
            log.console.level = info
            {(hasManagement ? $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {server.ManagementEndpoint.Port}" : "")}
            {mounted.Others}

            """);

        // Named here and without the port mapper, the node listens for other nodes on this loopback port only; nothing needs to find it.
        var distribution = $"-noinput -sname rabbit@localhost -start_epmd false -erl_epmd_port {Ports.Random()} -kernel inet_dist_use_interface {{127,0,0,1}}";
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = folder,
            ["RABBITMQ_NODENAME"] = "rabbit@localhost",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(folder, "config"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(folder, "advanced.config"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "enabled_plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_ALLOW_INPUT"] = "true",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = distribution,
            // Each minute the broker runs an erl that would start the port mapper, which nobody would ever stop.
            ["ERL_FLAGS"] = "-start_epmd false",
            ["ERL_CRASH_DUMP"] = Path.Combine(folder, "erl_crash.dump"),
        };
        return new ServerProgram([ServerFolder.Find("rabbitmq-server", Folders)!], environment, folder, StopSignal: "TERM", lasting ? null : folder);

        async Task WriteAsync(string name, string text) => await File.WriteAllTextAsync(Path.Combine(folder, name), text, cancel);
    }

    // Loaded at each start, so the user always has the password of the parameter.
    private static JsonObject Definitions(string user, string password, MountedSettings mounted)
    {
        var salt = RandomNumberGenerator.GetBytes(4);
        byte[] hash = [.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])];
        return new JsonObject
        {
            ["users"] = new JsonArray(new JsonObject
            {
                ["name"] = user,
                ["password_hash"] = Convert.ToBase64String(hash),
                ["hashing_algorithm"] = "rabbit_password_hashing_sha256",
                ["tags"] = "administrator",
            }),
            ["vhosts"] = new JsonArray(mounted.VirtualHost()),
            ["parameters"] = mounted.Policies(),
            ["permissions"] = new JsonArray(new JsonObject
            {
                ["user"] = user,
                ["vhost"] = "/",
                ["configure"] = ".*",
                ["write"] = ".*",
                ["read"] = ".*",
            }),
        };
    }
}
