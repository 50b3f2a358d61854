using System.Diagnostics;
using System.Text.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary>What the AppHost publishes: the manifest that azd deploys.</summary>
public sealed class ManifestTests : IAsyncLifetime
{
    private static readonly string[] Services = ["identity", "users", "devices", "monitoring", "gateway"];

    // Beside the AppHost, as azd asks for it, so that paths in it are relative to the repository.
    private readonly string _file = Path.Combine(Repository.Folder, "EnergyAspire.AppHost", "obj", $"manifest-{Guid.NewGuid():N}.json");
    private string _text = "";
    private JsonElement _resources;

    public async ValueTask InitializeAsync()
    {
        await PublishAsync();
        _text = await File.ReadAllTextAsync(_file);
        _resources = JsonDocument.Parse(_text).RootElement.GetProperty("resources");
    }

    public ValueTask DisposeAsync()
    {
        File.Delete(_file);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Services_and_servers_are_published_and_nothing_that_belongs_to_development()
    {
        Assert.All(Services, service => Assert.Equal("project.v0", Type(service)));
        Assert.All(["postgres", "messaging"], server => Assert.Equal("container.v0", Type(server)));
        Assert.DoesNotContain(_resources.EnumerateObject(), resource => resource.Value.GetProperty("type").GetString()!.StartsWith("executable", StringComparison.Ordinal));
        Assert.DoesNotContain(_resources.EnumerateObject(), resource => resource.Name is "simulator" or "web" or "web-packages");
    }

    [Fact]
    public void No_path_of_this_machine_is_in_it()
    {
        Assert.DoesNotContain("bindMounts", _text, StringComparison.Ordinal);
        Assert.DoesNotContain("/bin/", _text, StringComparison.Ordinal);
        Assert.DoesNotContain(Repository.Folder, _text, StringComparison.Ordinal);
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

    private string? Type(string resource) => _resources.GetProperty(resource).GetProperty("type").GetString();

    private string? Environment(string resource, string variable) => _resources.GetProperty(resource).GetProperty("env").GetProperty(variable).GetString();

    private JsonElement Input(string parameter) => _resources.GetProperty(parameter).GetProperty("inputs").GetProperty("value");

    private async Task PublishAsync()
    {
        using var publish = Process.Start(new ProcessStartInfo("dotnet", [Repository.Program("", "EnergyAspire.AppHost"), "--publisher", "manifest", "--output-path", _file])
        {
            WorkingDirectory = Path.Combine(Repository.Folder, "EnergyAspire.AppHost"),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = publish.StandardOutput.ReadToEndAsync();
        var errors = await publish.StandardError.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, $"{await output}\n{errors}");
    }
}
