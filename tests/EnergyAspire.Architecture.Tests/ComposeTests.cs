using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EnergyAspire.Hosting;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary><c>deploy/compose.yaml</c> agrees with the manifest, and <c>deploy/make-env.sh</c> writes what it needs.</summary>
[Collection<PublishedApplication>]
public sealed partial class ComposeTests(ManifestTests.Published published)
{
    private static readonly string[] Servers = ["postgres", "rabbitmq", "redis"];

    private static readonly IReadOnlyDictionary<string, Dictionary<string, object>> Services = ComposeFile.Services;

    /// <summary>What is started by hand and ends. The manifest has no such things.</summary>
    private static readonly string[] Tools = ["doctor"];

    private readonly Dictionary<string, Dictionary<string, string>> _projects = Projects(published.Text);

    [Fact]
    public void Every_project_of_the_manifest_is_a_service_and_there_are_the_servers() =>
        Assert.Equal([.. _projects.Keys.Concat(Servers).Concat(Tools).Order(StringComparer.Ordinal)], Services.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Services_have_the_environment_that_the_manifest_gives_them() => Assert.All(_projects, project =>
    {
        var own = Environment(project.Key);
        Assert.All(project.Value, variable =>
        {
            // There is one replica of each service, and nobody who could take over while it drains.
            if (variable.Key == "Drain__Time")
                return;

            Assert.Contains(variable.Key, own);
            // Text without a reference in braces is the same wherever it is deployed, except the address of the proxy.
            if (!variable.Value.Contains('{', StringComparison.Ordinal) && !variable.Key.StartsWith("Gateway__TrustedProxies__", StringComparison.Ordinal))
                Assert.Equal(variable.Value, own[variable.Key]);
        });
    });

    [Fact]
    public void What_is_one_value_in_the_manifest_is_one_value_here()
    {
        // Here each service has its own account at the broker.
        var values = (
            from project in _projects
            from variable in project.Value
            where variable.Value.Contains('{', StringComparison.Ordinal) && variable.Key != "ConnectionStrings__messaging"
            group Environment(project.Key)[variable.Key] by variable.Value).ToList();

        Assert.Contains(values, value => value.Count() > 2);
        Assert.All(values, value => Assert.Single(value.Distinct(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_service_uses_the_role_and_the_password_that_its_database_is_provisioned_with()
    {
        var provisioned = Environment("provisioning");
        foreach (var (service, database) in new[] { ("identity", "auth"), ("users", "user"), ("devices", "device"), ("monitoring", "monitoring") })
        {
            var section = $"Provisioning__Databases__{database}_db__";
            Assert.Equal(
                $"Host=postgres;Database={database}_db;Username={provisioned[$"{section}Role"]};Password={provisioned[$"{section}Password"]}",
                Environment(service)[$"ConnectionStrings__{database}-db"]);
        }
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("users")]
    [InlineData("devices")]
    [InlineData("monitoring")]
    public void Each_service_uses_its_own_account_at_the_broker(string service) => Assert.Equal(
        $"amqp://{service}:${{RABBITMQ_{service.ToUpperInvariant()}_PASSWORD:?}}@rabbitmq:5672",
        Environment(service)["ConnectionStrings__messaging"]);

    [Fact]
    public void Only_the_gateway_publishes_a_port_and_only_to_this_machine()
    {
        var (service, settings) = Assert.Single(Services, service => service.Value.ContainsKey("ports"));

        Assert.Equal("gateway", service);
        Assert.StartsWith("127.0.0.1:", (string)Assert.Single((List<object>)settings["ports"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_are_on_a_port_of_their_own() => Assert.All(_projects.Keys, service =>
    {
        Assert.Equal("8080;9464", Environment(service)["ASPNETCORE_HTTP_PORTS"]);
        Assert.Equal("9464", Environment(service)["Metrics__Port"]);
    });

    [Fact]
    public void Images_have_a_version()
    {
        Assert.All(
            _projects.Keys, service => Assert.Equal($"${{REGISTRY:-}}energyaspire/{service}:${{VERSION:-latest}}", Services[service]["image"]));
        Assert.All(Servers, server => Assert.Matches(@"^docker\.io/library/[a-z]+:[0-9]+\.[0-9]+(-management)?$", Image(server)));
        // The same versions as in the published application, where the server is a container there too.
        var resources = JsonDocument.Parse(published.Text).RootElement.GetProperty("resources");
        foreach (var (server, resource) in new[] { ("rabbitmq", "messaging"), ("redis", "cache") })
            Assert.StartsWith(resources.GetProperty(resource).GetProperty("image").GetString()!, Image(server), StringComparison.Ordinal);
    }

    [Fact]
    public void The_doctor_has_the_settings_of_all_services_and_the_servers_administrators()
    {
        var own = Environment("doctor");
        // Those of one service only, or of its web server.
        string[] others = ["ASPNETCORE_HTTP_PORTS", "Metrics__", "ServiceAccount__", "Provisioning__", "ConnectionStrings__messaging"];
        Assert.All(
            from service in _projects.Keys
            from variable in Environment(service)
            where !others.Any(prefix => variable.Key.StartsWith(prefix, StringComparison.Ordinal))
            select variable,
            variable => Assert.Equal(variable.Value, own[variable.Key]));
        Assert.All(_projects.Keys, service => Assert.Equal($"http://{service}:8080", own[$"services__{service}__http__0"]));
        Assert.Equal("amqp://admin:${RABBITMQ_ADMIN_PASSWORD:?}@rabbitmq:5672", own["ConnectionStrings__messaging"]);
    }

    [Fact]
    public void Tools_are_not_started_with_the_services_and_can_change_nothing() => Assert.All(Tools, tool =>
    {
        var settings = Services[tool];
        Assert.Equal([tool], (List<object>)settings["profiles"]);
        Assert.DoesNotContain("restart", settings);
        Assert.Equal($"${{REGISTRY:-}}energyaspire/{tool}:${{VERSION:-latest}}", settings["image"]);
        Assert.Equal("true", settings["read_only"]);
        Assert.Equal(["ALL"], (List<object>)settings["cap_drop"]);
        Assert.Equal(["no-new-privileges:true"], (List<object>)settings["security_opt"]);
        Assert.Contains($"{char.ToUpperInvariant(tool[0])}{tool[1..]}", Read("deploy", "build-images.sh"), StringComparison.Ordinal);
    });

    [Fact]
    public void Every_container_is_checked_and_restarted_and_ours_can_change_nothing() => Assert.All(Services.Where(service => !Tools.Contains(service.Key)), service =>
    {
        Assert.Equal("unless-stopped", service.Value["restart"]);
        Assert.Equal(["no-new-privileges:true"], (List<object>)service.Value["security_opt"]);
        var check = (List<object>)((Dictionary<object, object>)service.Value["healthcheck"])["test"];
        if (Servers.Contains(service.Key, StringComparer.Ordinal))
            return;

        Assert.Equal("true", service.Value["read_only"]);
        Assert.Equal(["ALL"], (List<object>)service.Value["cap_drop"]);
        var program = $"EnergyAspire.{char.ToUpperInvariant(service.Key[0])}{service.Key[1..]}";
        Assert.True(File.Exists(Repository.Program("services", program)), program);
        Assert.Equal(["CMD", "dotnet", $"{program}.dll", "--check-health"], check);
        Assert.Contains(program["EnergyAspire.".Length..], Read("deploy", "build-images.sh"), StringComparison.Ordinal);
    });

    [Fact]
    public void PostgreSQL_has_the_settings_of_the_AppHost()
    {
        var field = typeof(DatabaseServerExtensions).GetField("Settings", BindingFlags.NonPublic | BindingFlags.Static)!;
        var settings = (string[])field.GetValue(null)!;

        Assert.Equal(["postgres", .. settings.SelectMany(setting => new[] { "-c", setting })], (List<object>)Services["postgres"]["command"]);
    }

    [Fact]
    public void Every_variable_without_a_default_is_in_the_written_environment()
    {
        using var installation = new Installation();
        installation.MakeEnvironment("energy.example");
        var variables = Variable().Matches(ComposeFile.Text + ComposeFile.TextOf("compose.metrics.yaml"))
            .Select(match => (Name: match.Groups["name"].Value, Kind: match.Groups["kind"].Value)).Distinct().ToList();

        Assert.Equal("energy.example", installation.Environment["PUBLIC_HOST"]);
        Assert.Contains(variables, variable => variable.Kind == ":?");
        // A variable with neither would be replaced by nothing.
        Assert.All(variables, variable => Assert.Contains(variable.Kind, (string[])[":?", ":-"]));
        Assert.All(variables.Where(variable => variable.Kind == ":?"), variable => Assert.Contains(variable.Name, installation.Environment));
        Assert.All(
            installation.Environment.Where(variable => variable.Key is not "PUBLIC_HOST" and not "FIRST_ADMIN_USERNAME"),
            secret => Assert.Matches("^[A-Za-z0-9]{22,}$", secret.Value));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(Path.Combine(installation.Folder, ".env")).UnixFileMode);
    }

    [Fact]
    public void The_environment_is_never_changed_but_completed()
    {
        using var installation = new Installation();
        var file = Path.Combine(installation.Folder, ".env");
        const string Ours = "# ours\nPUBLIC_HOST=energy.example\nFIRST_ADMIN_USERNAME=operator\nGATEWAY_PORT=8090";
        File.WriteAllText(file, Ours);

        installation.MakeEnvironment();
        var first = File.ReadAllText(file);
        installation.MakeEnvironment("energy.example");
        Assert.Throws<InvalidOperationException>(() => installation.MakeEnvironment("other.example"));

        Assert.StartsWith($"{Ours}\nFIRST_ADMIN_PASSWORD=", first, StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllText(file));
    }

    [Fact]
    public void Accounts_at_the_broker_have_the_written_passwords_and_the_rights_of_the_AppHost_s_broker()
    {
        using var installation = new Installation();
        installation.MakeEnvironment("energy.example");
        var environment = installation.Environment;
        var definitions = JsonNode.Parse(File.ReadAllText(Path.Combine(installation.Folder, "rabbitmq-definitions.json")))!;

        var users = definitions["users"]!.AsArray();
        Assert.Equal(["admin", .. Broker.Accounts], users.Select(user => (string)user!["name"]!));
        Assert.All(users, user =>
        {
            var hash = Convert.FromBase64String((string)user!["password_hash"]!);
            var password = environment[$"RABBITMQ_{((string)user["name"]!).Replace('-', '_').ToUpperInvariant()}_PASSWORD"];
            Assert.Equal(hash[4..], SHA256.HashData([.. hash[..4], .. Encoding.UTF8.GetBytes(password)]));
            user["password_hash"] = "";
        });

        // The administrator is the only addition.
        Assert.Equal(
            """{"name":"admin","password_hash":"","hashing_algorithm":"rabbit_password_hashing_sha256","tags":"administrator"}""",
            users[0]!.ToJsonString());
        Assert.Equal("""{"user":"admin","vhost":"/","configure":".*","write":".*","read":".*"}""", definitions["permissions"]![0]!.ToJsonString());
        users.RemoveAt(0);
        definitions["permissions"]!.AsArray().RemoveAt(0);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Read("EnergyAspire.Hosting", "broker-definitions.json")), definitions));
    }

    [Fact]
    public void Prometheus_and_Grafana_have_the_repository_s_files_and_the_AppHost_s_images()
    {
        var services = ComposeFile.ServicesOf(ComposeFile.TextOf("compose.metrics.yaml"));
        var mounts = services.Values.SelectMany(service => (List<object>)service["volumes"]).Cast<string>()
            .Where(volume => volume.StartsWith("./", StringComparison.Ordinal)).Select(volume => volume.Split(':')).ToList();
        var appHost = Read("EnergyAspire.AppHost", "Metrics.cs");
        var targets = Target().Matches(Read(Path.Combine("deploy", "prometheus"), "prometheus.yml")).Select(target => target.Groups["service"].Value).ToList();

        Assert.Equal(["grafana", "prometheus"], services.Keys.Order(StringComparer.Ordinal));
        Assert.All(mounts, mount => Assert.True(Directory.Exists(Path.Combine(Repository.Folder, "deploy", mount[0])), mount[0]));
        Assert.Contains(mounts, mount => mount[1] == "/etc/prometheus");
        Assert.All(services.Values, service =>
        {
            var image = ((string)service["image"])["docker.io/".Length..].Split(':');
            Assert.Contains($"\"{image[0]}\", \"{image[1]}\"", appHost, StringComparison.Ordinal);
        });
        // The names that Prometheus scrapes are those of this network.
        Assert.Contains("rabbitmq", targets);
        Assert.All(targets, target => Assert.Contains(target, Services.Keys));
        Assert.Equal([.. _projects.Keys.Where(project => project != "provisioning").Order(StringComparer.Ordinal)], targets.Where(_projects.ContainsKey).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_written_is_not_committed()
    {
        var ignored = Read("", ".gitignore").Split('\n');

        Assert.Contains("deploy/.env", ignored);
        Assert.Contains("deploy/rabbitmq-definitions.json", ignored);
    }

    private static string Read(string folder, string file) => File.ReadAllText(Path.Combine(Repository.Folder, folder, file));

    private static string Image(string service) => (string)Services[service]["image"];

    private static Dictionary<string, string> Environment(string service) => ComposeFile.EnvironmentOf(service);

    /// <summary>
    /// The projects of the manifest with the variables that the services read, not those that only Aspire's own clients and tools read.
    /// </summary>
    private static Dictionary<string, Dictionary<string, string>> Projects(string manifest) =>
        JsonDocument.Parse(manifest).RootElement.GetProperty("resources").EnumerateObject()
            .Where(resource => resource.Value.GetProperty("type").GetString() == "project.v0")
            .ToDictionary(
                resource => resource.Name,
                resource => resource.Value.GetProperty("env").EnumerateObject()
                    .Where(variable => !OfAspire().IsMatch(variable.Name))
                    .ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!, StringComparer.Ordinal),
                StringComparer.Ordinal);

    [GeneratedRegex(
        "^(OTEL_.*|HTTPS?_PORTS|[A-Z]+_HTTPS?|(CACHE|MESSAGING)_.*|ConnectionStrings__[a-z]+_[a-z]+|ASPNETCORE_FORWARDEDHEADERS_ENABLED)$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfAspire();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(?<kind>[^A-Za-z0-9}]*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^ .*(names: \[|targets: \[')(?<service>[a-z]+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Target();

    /// <summary>A copy of what make-env.sh needs, in a temporary folder.</summary>
    private sealed class Installation : IDisposable
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

        private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("compose-");

        public Installation()
        {
            Copy("deploy", "make-env.sh");
            Copy("EnergyAspire.Hosting", "broker-definitions.json");
        }

        /// <summary>The folder <c>deploy</c>.</summary>
        public string Folder => Path.Combine(_root.FullName, "deploy");

        /// <summary>What is in <c>.env</c>.</summary>
        public Dictionary<string, string> Environment => File.ReadLines(Path.Combine(Folder, ".env")).Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('=', 2)).ToDictionary(variable => variable[0], variable => variable[1], StringComparer.Ordinal);

        /// <summary>Runs the script.</summary>
        /// <exception cref="InvalidOperationException">It refuses.</exception>
        public void MakeEnvironment(params string[] arguments)
        {
            using var script = Process.Start(new ProcessStartInfo("bash", [Path.Combine(Folder, "make-env.sh"), .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var (output, problems) = (script.StandardOutput.ReadToEndAsync(), script.StandardError.ReadToEndAsync());
            Assert.True(script.WaitForExit(Timeout), "make-env.sh doesn't end.");
            if (script.ExitCode != 0)
                throw new InvalidOperationException(problems.Result);

            Assert.DoesNotContain(Environment["FIRST_ADMIN_PASSWORD"], output.Result, StringComparison.Ordinal);
        }

        /// <inheritdoc />
        public void Dispose() => _root.Delete(recursive: true);

        private void Copy(string folder, string file) =>
            File.Copy(Path.Combine(Repository.Folder, folder, file), Path.Combine(_root.CreateSubdirectory(folder).FullName, file));
    }
}
