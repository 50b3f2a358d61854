using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace EnergyAspire.Services.Tests;

/// <summary>Services in this process, each on a port of its own, which call each other and trust the tokens of the Identity among them.</summary>
internal sealed class InProcessServices : IAsyncDisposable
{
    private const string Secret = "a service's secret, for these tests";

    private readonly List<IAsyncDisposable> _hosts = [];
    private readonly Action<IServiceCollection>? _configure;

    // Identity runs sagas at the others, which know only Identity's address. So its port is chosen before it starts.
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal)
    {
        [ResourceNames.Identity] = $"http://127.0.0.1:{ServiceProcess.FreePort()}",
    };

    /// <summary>Creates it without services.</summary>
    /// <param name="configure">Changes what every service is made of.</param>
    public InProcessServices(Action<IServiceCollection>? configure = null) => _configure = configure;

    /// <summary>Starts a service, which knows those that were started before it and Identity, and returns its address.</summary>
    /// <param name="settings">Settings besides those of accounts and addresses, such as connection strings.</param>
    public async Task<Uri> StartAsync<TService>(
        string name, IEnumerable<KeyValuePair<string, string?>> settings, string environment = "Production", bool waits = true)
        where TService : class
    {
        var all = new Dictionary<string, string?>(settings)
        {
            ["Identity:Issuer"] = "http://energy.test/",
            ["Identity:KeyPassphrase"] = "only for these tests, not a secret",
            [$"Identity:ServiceSecrets:{ResourceNames.Identity}"] = Secret,
            [$"Identity:ServiceSecrets:{ResourceNames.Devices}"] = Secret,
            [$"Identity:ServiceSecrets:{ResourceNames.Monitoring}"] = Secret,
            ["ServiceAccount:ClientId"] = name,
            ["ServiceAccount:ClientSecret"] = Secret,
        };
        foreach (var (service, address) in _addresses)
            all[$"services:{service}:http:0"] = address;

        var host = new ServiceHost<TService>(all, environment, Configure);
        _hosts.Add(host);
        var own = host.Listen(name == ResourceNames.Identity ? new Uri(_addresses[name]).Port : 0);
        _addresses[name] = own.GetLeftPart(UriPartial.Authority);
        if (waits)
            await host.WaitUntilReadyAsync();

        return own;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
            await host.DisposeAsync();
        _hosts.Clear();
    }

    /// <summary>Has a service trust Identity's own keys, instead of those of the tests.</summary>
    public static void TrustIdentity(IServiceCollection services, string address) =>
        services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
            options.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
                $"{address}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever { RequireHttps = false })
            {
                RefreshInterval = TimeSpan.FromSeconds(1),
            });

    private void Configure(IServiceCollection services)
    {
        TrustIdentity(services, _addresses[ResourceNames.Identity]);
        // The work of hashing is what makes passwords safe, and these tests slow.
        services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1000);
        _configure?.Invoke(services);
    }
}
