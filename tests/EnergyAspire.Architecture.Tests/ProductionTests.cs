using System.Diagnostics;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary>Outside Development no service starts with a default of a secret. Each has to be set.</summary>
public sealed class ProductionTests
{
    private const string Database = "Host=127.0.0.1;Port=9;Username=nobody;Database=nothing";
    private const string Secret = "only-for-tests-0123456789";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // No server answers at these addresses. Services wait for servers, so a service with valid settings would not end.
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["ConnectionStrings__postgres"] = Database,
        ["ConnectionStrings__auth-db"] = Database,
        ["ConnectionStrings__device-db"] = Database,
        ["ConnectionStrings__monitoring-db"] = Database,
        ["ConnectionStrings__messaging"] = "amqp://127.0.0.1:9",
        ["Identity__Issuer"] = "https://energy.example",
        ["Identity__KeyPassphrase"] = Secret,
        ["ServiceAccount__ClientId"] = "service",
        ["ServiceAccount__ClientSecret"] = Secret,
        ["Provisioning__Databases__auth_db__Role"] = "auth_service",
        ["Provisioning__Databases__auth_db__Password"] = Secret,
    };

    [Theory]
    [InlineData("Identity", "Identity__KeyPassphrase", null)]
    [InlineData("Identity", "ServiceAccount__ClientSecret", null)]
    [InlineData("Identity", "Identity__ServiceSecrets__devices", "short")]
    [InlineData("Devices", "ServiceAccount__ClientSecret", null)]
    [InlineData("Monitoring", "ServiceAccount__ClientSecret", null)]
    [InlineData("Provisioning", "ConnectionStrings__postgres", null)]
    [InlineData("Provisioning", "Provisioning__Databases__auth_db__Password", null)]
    [InlineData("Provisioning", "Provisioning__Databases__auth_db__Password", "short")]
    [InlineData("Provisioning", "Provisioning__Databases__auth_db__Role", "auth\" superuser")]
    [InlineData("Provisioning", "Provisioning__Databases__a\"b__Role", "auth_service")]
    [InlineData("Gateway", "Identity__Issuer", null)]
    public async Task A_missing_or_weak_secret_stops_the_start_and_is_named(string service, string variable, string? value)
    {
        var (code, output) = await RunAsync(service, variable, value);

        Assert.NotEqual(0, code);
        Assert.Contains(string.Join(':', variable.Split("__").Take(2)), output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(string service, string variable, string? value)
    {
        var start = new ProcessStartInfo("dotnet", Repository.Program("services", $"EnergyAspire.{service}"))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(Repository.Program("services", $"EnergyAspire.{service}")),
        };
        foreach (var (name, setting) in Settings)
            start.Environment[name] = setting;
        start.Environment[variable] = value;

        using var process = Process.Start(start)!;
        var (output, problems) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
            return (process.ExitCode, await output + await problems);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
