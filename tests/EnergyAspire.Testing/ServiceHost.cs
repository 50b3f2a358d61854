using System.Net.Http.Headers;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Testing;

/// <summary>Runs a service in this process, with real servers and with tokens of <see cref="TestTokens"/>.</summary>
/// <param name="settings">Configuration, such as <c>ConnectionStrings:device-db</c>.</param>
/// <param name="configure">Replaces services, such as the clock.</param>
public sealed class ServiceHost<TProgram>(
    IReadOnlyDictionary<string, string?> settings, string environment = "Production", Action<IServiceCollection>? configure = null)
    : WebApplicationFactory<TProgram>
    where TProgram : class
{
    private int? _port;

    /// <summary>Starts the service on a port of the loopback address and returns its address.</summary>
    /// <param name="port">The port; a free one when 0.</param>
    /// <remarks>
    /// The factory's own way sets the port when the server may have started already, which fails now and then. So the port is a setting.
    /// </remarks>
    public Uri Listen(int port = 0)
    {
        _port = port;
        UseKestrel();
        StartServer();

        return ClientOptions.BaseAddress;
    }

    /// <summary>Creates a client that signs its requests as a development account.</summary>
    public HttpClient ClientOf(Guid id)
    {
        var (username, role) = id == DevelopmentData.Admin ? ("admin", Roles.Admin)
            : id == DevelopmentData.Alice ? ("alice", Roles.Client)
            : id == DevelopmentData.Bob ? ("bob", Roles.Client)
            : ("stranger", Roles.Client);

        return ClientWith(TestTokens.ForAccount(id, username, role));
    }

    /// <summary>Creates a client that sends a bearer token.</summary>
    public HttpClient ClientWith(string token)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        return client;
    }

    /// <summary>Waits until the service's readiness check succeeds.</summary>
    public async Task WaitUntilReadyAsync()
    {
        using var client = CreateClient();
        await Eventually.TrueAsync(async () => (await client.GetAsync(new Uri("/health", UriKind.Relative))).IsSuccessStatusCode, "the service is ready", TimeSpan.FromMinutes(2));
    }

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(environment);
        foreach (var (key, value) in settings)
            builder.UseSetting(key, value);
        if (_port is { } port)
            builder.UseUrls($"http://127.0.0.1:{port}");

        builder.ConfigureTestServices(services =>
        {
            TestTokens.Trust(services);
            configure?.Invoke(services);
        });
    }
}
