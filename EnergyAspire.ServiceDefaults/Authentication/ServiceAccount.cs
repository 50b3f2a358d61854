using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>Who a service is when it calls another; section <c>ServiceAccount</c>.</summary>
public sealed class ServiceAccountOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "ServiceAccount";

    /// <summary>The service's client id at Identity, its resource name.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Its secret, at least 16 characters.</summary>
    public string ClientSecret { get; set; } = "";
}

/// <summary>Adds HTTP clients for calls between services.</summary>
public static class ServiceAccountExtensions
{
    /// <summary>
    /// Adds an HTTP client for another service. It authenticates with a token of this service's own account, from the client credentials grant.
    /// </summary>
    /// <param name="service">Resource name of the service to call, which is the host of the base address.</param>
    /// <param name="scope">Scope to ask for.</param>
    public static IHttpClientBuilder AddServiceClient<TClient>(this IHostApplicationBuilder builder, string service, string scope)
        where TClient : class
    {
        builder.AddServiceAccount();
        builder.Services.AddHttpClient(ServiceTokens.ClientName, client => client.BaseAddress = new Uri($"http://{ResourceNames.Identity}"));
        builder.Services.AddKeyedSingleton<ServiceTokens>(scope, (services, _) => ActivatorUtilities.CreateInstance<ServiceTokens>(services, scope));

        return builder.Services
            .AddHttpClient<TClient>(client => client.BaseAddress = new Uri($"http://{service}"))
            .AddHttpMessageHandler(services => new ServiceTokenHandler(services.GetRequiredKeyedService<ServiceTokens>(scope)));
    }

    private static void AddServiceAccount(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(IConfigureOptions<ServiceAccountOptions>)))
            return;

        builder.Services.AddOptions<ServiceAccountOptions>().BindConfiguration(ServiceAccountOptions.Section)
            .Validate(
                account => account is { ClientId.Length: > 0, ClientSecret.Length: >= 16 },
                "ServiceAccount:ClientId and ServiceAccount:ClientSecret (at least 16 characters) must say who this service is at Identity.")
            .ValidateOnStart();
    }
}

/// <summary>Service tokens of one scope. The current one is cached, and replaced before it expires.</summary>
internal sealed class ServiceTokens(string scope, IHttpClientFactory clients, IOptions<ServiceAccountOptions> account, TimeProvider time) : IDisposable
{
    public const string ClientName = "service-tokens";

    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private (string Token, DateTimeOffset ExpiresAt)? _current;

    public async Task<string> GetAsync(CancellationToken cancel)
    {
        await _asking.WaitAsync(cancel);
        try
        {
            if (_current is not { } current || current.ExpiresAt - Ahead < time.GetUtcNow())
                _current = current = await AskAsync(cancel);

            return current.Token;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Removes a token that a service refused from the cache.</summary>
    public void Forget(string token)
    {
        if (_current?.Token == token)
            _current = null;
    }

    public void Dispose() => _asking.Dispose();

    private async Task<(string, DateTimeOffset)> AskAsync(CancellationToken cancel)
    {
        using var client = clients.CreateClient(ClientName);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = account.Value.ClientId,
            ["client_secret"] = account.Value.ClientSecret,
            ["scope"] = scope,
        });
        var asked = time.GetUtcNow();
        using var response = await client.PostAsync(new Uri("/connect/token", UriKind.Relative), form, cancel);
        response.EnsureSuccessStatusCode();
        var answer = (await response.Content.ReadFromJsonAsync<TokenAnswer>(cancel))!;

        return (answer.AccessToken, asked.AddSeconds(answer.ExpiresIn));
    }

    private sealed record TokenAnswer(
        [property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] long ExpiresIn);
}

internal sealed class ServiceTokenHandler(ServiceTokens tokens) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            tokens.Forget(token);

        return response;
    }
}
