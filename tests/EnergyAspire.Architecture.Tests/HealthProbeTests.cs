using System.Diagnostics;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Architecture.Tests;

/// <summary>The mode <c>--check-health</c>, which checks the health of a container from inside.</summary>
public sealed class HealthProbeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(StatusCodes.Status200OK, "Degraded, version 1.2.3", 0)]
    [InlineData(StatusCodes.Status503ServiceUnavailable, "Unhealthy, version 1.2.3", 1)]
    [InlineData(StatusCodes.Status302Found, "elsewhere", 1)]
    public async Task The_exit_code_says_whether_the_service_is_ready_and_the_output_why(int status, string text, int exitCode)
    {
        await using var service = await StartServiceAsync(status, text);
        var port = new Uri(service.Urls.Single()).Port;

        var (code, output) = await CheckAsync("EnergyAspire.Gateway", $"{port};9");

        Assert.Equal((exitCode, text), (code, output.Trim()));
    }

    [Theory]
    [InlineData("EnergyAspire.Provisioning")]
    [InlineData("EnergyAspire.Identity")]
    [InlineData("EnergyAspire.Users")]
    [InlineData("EnergyAspire.Devices")]
    [InlineData("EnergyAspire.Monitoring")]
    [InlineData("EnergyAspire.Gateway")]
    public async Task Every_service_knows_the_mode_and_needs_no_settings_for_it(string program)
    {
        // Nothing listens on the port.
        var (code, output) = await CheckAsync(program, "9");

        Assert.Equal(1, code);
        Assert.Contains("http://127.0.0.1:9/health can't be reached", output, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartServiceAsync(int status, string text)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/health", () => Results.Text(text, statusCode: status));
        await app.StartAsync();

        return app;
    }

    private static async Task<(int Code, string Output)> CheckAsync(string program, string ports)
    {
        using var check = Process.Start(new ProcessStartInfo("dotnet", [Repository.Program("services", program), "--check-health"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_HTTP_PORTS"] = ports, ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        })!;
        var (output, problems) = (check.StandardOutput.ReadToEndAsync(), check.StandardError.ReadToEndAsync());
        try
        {
            await check.WaitForExitAsync().WaitAsync(Patience);
            return (check.ExitCode, await output + await problems);
        }
        finally
        {
            check.Kill(entireProcessTree: true);
        }
    }
}
