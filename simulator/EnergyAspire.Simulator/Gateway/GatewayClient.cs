using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace EnergyAspire.Simulator.Gateway;

/// <summary>A call to the gateway failed. The message says which call and why.</summary>
public sealed class GatewayException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Calls the public API as an account.</summary>
public sealed class GatewayClient : IDisposable
{
    private const int MostTries = 30;
    private const int LongestExcerpt = 500;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http;

    private GatewayClient(Uri gateway) => _http = new HttpClient(new ResilienceHandler(Patience()) { InnerHandler = new SocketsHttpHandler() })
    {
        BaseAddress = gateway,
    };

    /// <summary>Signs in.</summary>
    /// <exception cref="GatewayException">The gateway is unavailable or rejects the account.</exception>
    public static async Task<GatewayClient> SignInAsync(Uri gateway, string username, string password, CancellationToken cancel)
    {
        var client = new GatewayClient(gateway);
        try
        {
            var login = await client.PostAsync<LoginResponse>("/api/auth/login", new { username, password }, cancel);
            client._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", login.Tokens.Access);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Creates a client that uses an existing access token.</summary>
    public static GatewayClient WithToken(Uri gateway, string accessToken)
    {
        var client = new GatewayClient(gateway);
        client._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return client;
    }

    /// <summary>Sends a GET request.</summary>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancel)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <summary>Reads all pages of a list.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string path, CancellationToken cancel)
    {
        var all = new List<T>();
        for (var page = path; page is not null;)
        {
            using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, page), cancel);
            all.AddRange(await ReadAsync<List<T>>(response, cancel));
            page = NextPage(response);
        }

        return all;
    }

    /// <summary>Sends a POST request.</summary>
    public async Task<T> PostAsync<T>(string path, object body, CancellationToken cancel)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: Json) }, cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    /// <summary>Retries requests with backoff after 429, and GET requests also when the gateway or a service is unavailable.</summary>
    private static ResiliencePipeline<HttpResponseMessage> Patience() => new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = MostTries,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = TimeSpan.FromSeconds(5),
            // A POST isn't retried after a network failure, because the device may have been created although the response was lost. After 429 it is
            // retried, because a rejected request has no effect.
            ShouldHandle = attempt => ValueTask.FromResult(
                attempt.Outcome.Result?.StatusCode == HttpStatusCode.TooManyRequests
                || (attempt.Context.GetRequestMessage()?.Method == HttpMethod.Get && HttpClientResiliencePredicates.IsTransient(attempt.Outcome))),
        })
        .Build();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var name = $"{request.Method} {request.RequestUri}";
        using (request)
        {
            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(request, cancel);
            }
            catch (HttpRequestException failure)
            {
                throw new GatewayException($"{name}: {failure.Message}", failure);
            }

            if (response.IsSuccessStatusCode)
                return response;

            using (response)
            {
                var body = await response.Content.ReadAsStringAsync(cancel);
                throw new GatewayException($"{name}: {(int)response.StatusCode} {body[..Math.Min(body.Length, LongestExcerpt)]}");
            }
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Json, cancel) ?? throw new JsonException("It is null.");
        }
        catch (JsonException failure)
        {
            throw new GatewayException($"{response.RequestMessage?.RequestUri} answers with something else: {failure.Message}", failure);
        }
    }

    private static string? NextPage(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var links)
            && links.SelectMany(link => link.Split(',')).FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal)) is { } next
            ? next[(next.IndexOf('<') + 1)..next.IndexOf('>')]
            : null;

    private sealed record LoginResponse(Tokens Tokens);

    private sealed record Tokens(string Access);
}
