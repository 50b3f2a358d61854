using System.Diagnostics;
using System.Text.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary>What the AppHost publishes: the manifest that azd deploys.</summary>
[Collection<PublishedApplication>]
public sealed class ManifestTests(ManifestTests.Published published)
{
    private static readonly string[] Services = ["identity", "users", "devices", "monitoring", "gateway"];
    private static readonly string[] Databases = ["auth", "user", "device", "monitoring"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _text = published.Text;
    private readonly JsonElement _resources = Resources(published.Text);

    [Fact]
    public void Services_and_servers_are_published_and_nothing_that_belongs_to_development()
    {
        Assert.All([.. Services, "provisioning"], service => Assert.Equal("project.v0", Type(service)));
        Assert.Equal("azure.bicep.v0", Type("postgres"));
        Assert.All(["messaging", "cache"], server => Assert.Equal("container.v0", Type(server)));
        Assert.DoesNotContain(_resources.EnumerateObject(), resource => resource.Value.GetProperty("type").GetString()!.StartsWith("executable", StringComparison.Ordinal));
        Assert.DoesNotContain(_resources.EnumerateObject(), resource => resource.Name is "simulator" or "web" or "web-packages");
    }

    [Fact]
    public void No_path_of_this_machine_is_in_it()
    {
        Assert.DoesNotContain("bindMounts", _text, StringComparison.Ordinal);
        Assert.DoesNotContain("bin/Debug", _text, StringComparison.Ordinal);
        Assert.DoesNotContain("bin/Release", _text, StringComparison.Ordinal);
        Assert.DoesNotContain(Repository.Folder, _text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_container_has_a_volume_because_Azure_Files_keeps_no_ownership_and_no_modes() =>
        Assert.DoesNotContain("volumes", _text, StringComparison.Ordinal);

    [Fact]
    public void PostgreSQL_is_managed_and_its_databases_and_roles_are_provisioned_there()
    {
        var server = _resources.GetProperty("postgres");
        Assert.Equal("../../deploy/postgres.bicep", server.GetProperty("path").GetString());
        Assert.Equal("{postgres-password.value}", server.GetProperty("params").GetProperty("administratorPassword").GetString());
        var parameters = JsonDocument.Parse(Bicep.Build("deploy/postgres.bicep")).RootElement.GetProperty("parameters");
        Assert.All(server.GetProperty("params").EnumerateObject(), parameter => Assert.True(parameters.TryGetProperty(parameter.Name, out _), parameter.Name));

        Assert.Equal("{postgres.connectionString}", Environment("provisioning", "ConnectionStrings__postgres"));
        foreach (var database in Databases)
        {
            Assert.StartsWith("Host={postgres.outputs.host};Port=5432;SSL Mode=VerifyFull;", _resources.GetProperty($"{database}-db").GetProperty("connectionString").GetString(), StringComparison.Ordinal);
            Assert.Equal($"{{{database}-db-password.value}}", Environment("provisioning", $"Provisioning__Databases__{database}_db__Password"));
        }
    }

    [Fact]
    public void Only_the_gateway_is_reached_from_outside_and_it_names_no_port()
    {
        var external = from resource in _resources.EnumerateObject()
                       where resource.Value.TryGetProperty("bindings", out _)
                       from binding in resource.Value.GetProperty("bindings").EnumerateObject()
                       where binding.Value.TryGetProperty("external", out var isExternal) && isExternal.GetBoolean()
                       select (resource.Name, binding.Name, HasPort: binding.Value.TryGetProperty("port", out _));

        Assert.Equal([("gateway", "http", false), ("gateway", "https", false)], external);
    }

    [Fact]
    public void Everybody_knows_the_issuer_by_the_gateway_s_https_address() =>
        Assert.All(Services, service => Assert.Equal("{gateway.bindings.https.url}", Environment(service, "Identity__Issuer")));

    [Fact]
    public void The_gateway_believes_the_proxies_of_the_platform() => Assert.Equal("100.100.0.0/16", Environment("gateway", "Gateway__TrustedProxies__0"));

    [Fact]
    public void Whoever_deploys_names_the_first_admin()
    {
        Assert.Equal("{first-admin-username.value}", Environment("identity", "Identity__FirstAdmin__Username"));
        Assert.Equal("{first-admin-password.value}", Environment("identity", "Identity__FirstAdmin__Password"));

        var password = Input("first-admin-password");
        Assert.True(password.GetProperty("secret").GetBoolean());
        Assert.False(password.TryGetProperty("default", out _));
    }

    [Theory]
    [InlineData("postgres-password")]
    [InlineData("messaging-password")]
    [InlineData("auth-db-password")]
    [InlineData("monitoring-db-password")]
    [InlineData("identity-key-passphrase")]
    [InlineData("identity-client-secret")]
    public void Secrets_are_generated_where_it_is_deployed(string parameter)
    {
        var input = Input(parameter);

        Assert.True(input.GetProperty("secret").GetBoolean());
        Assert.True(input.GetProperty("default").GetProperty("generate").GetProperty("minLength").GetInt32() >= 22);
    }

    [Fact]
    public async Task Existing_servers_are_named_where_it_is_deployed()
    {
        // Nothing answers at these addresses, so publishing asks nobody.
        var text = await PublishAsync("--ConnectionStrings:postgres=Host=nowhere.invalid;Username=somebody;Password=something", "--ConnectionStrings:messaging=amqp://nowhere.invalid");

        Assert.DoesNotContain("nowhere.invalid", text, StringComparison.Ordinal);
        Assert.DoesNotContain("something", text, StringComparison.Ordinal);
        Assert.All(["auth-db", "user-db", "device-db", "monitoring-db", "messaging"], name =>
        {
            var input = Resources(text).GetProperty(name).GetProperty("inputs").GetProperty("value");
            Assert.True(input.GetProperty("secret").GetBoolean());
            Assert.False(input.TryGetProperty("default", out _));
        });
        Assert.All(["postgres", "provisioning"], name => Assert.False(Resources(text).TryGetProperty(name, out _)));
    }

    private static JsonElement Resources(string manifest) => JsonDocument.Parse(manifest).RootElement.GetProperty("resources");

    private string? Type(string resource) => _resources.GetProperty(resource).GetProperty("type").GetString();

    private string? Environment(string resource, string variable) => _resources.GetProperty(resource).GetProperty("env").GetProperty(variable).GetString();

    private JsonElement Input(string parameter) => _resources.GetProperty(parameter).GetProperty("inputs").GetProperty("value");

    private static async Task<string> PublishAsync(params string[] settings)
    {
        // Beside the AppHost, as azd asks for it, so that paths in it are relative to the repository.
        var file = Path.Combine(Repository.Folder, "EnergyAspire.AppHost", "obj", $"manifest-{Guid.NewGuid():N}.json");
        using var publish = Process.Start(new ProcessStartInfo(
            "dotnet", [Repository.Program("", "EnergyAspire.AppHost"), "--publisher", "manifest", "--output-path", file, .. settings])
        {
            WorkingDirectory = Path.Combine(Repository.Folder, "EnergyAspire.AppHost"),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (publish.StandardOutput.ReadToEndAsync(), publish.StandardError.ReadToEndAsync());
        try
        {
            await publish.WaitForExitAsync().WaitAsync(Patience);
            Assert.True(publish.ExitCode == 0, $"{await output}\n{await errors}");
            return await File.ReadAllTextAsync(file);
        }
        finally
        {
            publish.Kill(entireProcessTree: true);
            File.Delete(file);
        }
    }

    /// <summary>The manifest of the application as it is.</summary>
    public sealed class Published : IAsyncLifetime
    {
        /// <summary>The manifest.</summary>
        public string Text { get; private set; } = "";

        /// <inheritdoc />
        public async ValueTask InitializeAsync() => Text = await PublishAsync();

        /// <inheritdoc />
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Tests of the manifest and of what must agree with it. They share one manifest.</summary>
[CollectionDefinition]
public sealed class PublishedApplication : ICollectionFixture<ManifestTests.Published>;
