using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Identity.Tests.OpenIdConnect;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Identity.Tests;

/// <summary>A replica of Identity in this process, which trusts its own tokens only.</summary>
public sealed class IdentityHost(
    string database, string broker, string environment, TimeProvider? time, Dictionary<string, string?> settings, bool hashesAsInLife)
    : WebApplicationFactory<Program>
{
    public const string Issuer = "https://energy.example/";
    public const string KeyPassphrase = "only for these tests, not a secret";

    public const string ServiceSecret = "a service's secret, for these tests";

    public string Database { get; } = database;

    /// <summary>Signs in and returns the whole answer.</summary>
    public async Task<JsonElement> LoginAsync(string username, string password)
    {
        using var client = CreateClient();
        using var response = await client.PostAsJsonAsync("/api/auth/login", new { username, password });
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);

        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Creates a client that is signed in.</summary>
    public async Task<HttpClient> ClientOfAsync(string username, string password) =>
        ClientWith((await LoginAsync(username, password)).Tokens().Access);

    /// <summary>Creates a client that sends a bearer token.</summary>
    public HttpClient ClientWith(string access)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", access);

        return client;
    }

    /// <summary>Waits until the service says that it is ready.</summary>
    public async Task WaitUntilReadyAsync()
    {
        using var client = CreateClient();
        await Eventually.TrueAsync(async () => (await client.GetAsync("/health")).IsSuccessStatusCode, "Identity is ready", TimeSpan.FromMinutes(2));
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(environment);
        builder.UseSetting("ConnectionStrings:auth-db", Database);
        builder.UseSetting("ConnectionStrings:messaging", broker);
        builder.UseSetting("Identity:Issuer", Issuer);
        builder.UseSetting("Identity:KeyPassphrase", KeyPassphrase);
        builder.UseSetting("ServiceAccount:ClientId", "identity");
        builder.UseSetting("ServiceAccount:ClientSecret", ServiceSecret);
        builder.UseSetting("Identity:ServiceSecrets:identity", ServiceSecret);
        builder.UseSetting("Identity:Clients:app:DisplayName", "Solar planner");
        builder.UseSetting("Identity:Clients:app:RedirectUris:0", AppClient.RedirectUri);
        builder.UseSetting("Identity:Clients:app:PostLogoutRedirectUris:0", AppClient.GoodbyeUri);
        foreach (var (key, value) in settings)
            builder.UseSetting(key, value);
        builder.ConfigureTestServices(services =>
        {
            if (time is not null)
                services.AddSingleton(time);
            if (!hashesAsInLife)
                services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1000);
        });
    }
}

/// <summary>The token part of an answer.</summary>
public sealed record Tokens(string Access, string Refresh);

public static class JsonExtensions
{
    public static Tokens Tokens(this JsonElement answer)
    {
        var tokens = answer.GetProperty("tokens");
        return new Tokens(tokens.GetProperty("access").GetString()!, tokens.GetProperty("refresh").GetString()!);
    }
}
