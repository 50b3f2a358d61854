using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Polly;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Identity's answer about an access token.</summary>
/// <param name="IsRefused">Whether the token is no longer valid.</param>
/// <param name="User">Account as it is now; null when Identity's answer doesn't contain it.</param>
public sealed record TokenCheck(bool IsRefused, TokenUser? User);

/// <summary>Identity could not be reached, or answered with an unexpected error.</summary>
public sealed class IdentityUnreachableException(string reason, Exception? cause = null) : Exception(reason, cause);

/// <summary>Client for Identity's endpoints, which the gateway calls for browsers.</summary>
public sealed class IdentityClient(IHttpClientFactory clients)
{
    /// <summary>Name of the HTTP client for registrations, whose responses wait for a saga.</summary>
    public const string Registrations = "registrations";

    /// <summary>Name of the HTTP client for token checks. Requests wait for these checks, so its timeout is short.</summary>
    public const string Checks = "token-checks";

    /// <summary>Timeout of a token check.</summary>
    public static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(2);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Signs in; returns Identity's response, also when it refuses.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is unavailable.</exception>
    public Task<HttpResponseMessage> LoginAsync(LoginRequest credentials, HttpContext browser, CancellationToken cancel) =>
        SendAsync(For(browser, Request(HttpMethod.Post, "/api/auth/login", credentials)), cancel);

    /// <summary>Registers an account; returns Identity's response, also when it refuses.</summary>
    /// <param name="registration">The account.</param>
    /// <param name="access">Access token of the admin who registers an account for another person; null for a self-registration.</param>
    /// <param name="browser">Request of the browser.</param>
    /// <exception cref="IdentityUnreachableException">Identity is unavailable.</exception>
    public Task<HttpResponseMessage> RegisterAsync(RegistrationRequest registration, string? access, HttpContext browser, CancellationToken cancel)
    {
        var request = For(browser, Request(HttpMethod.Post, "/api/auth/register", registration));
        if (access is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);

        return SendAsync(request, cancel, Registrations);
    }

    /// <summary>Exchanges a refresh token for new tokens; null when Identity refuses it.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is unavailable.</exception>
    public async Task<TokenSet?> RefreshAsync(string refresh, CancellationToken cancel)
    {
        using var answer = await SendAsync(Request(HttpMethod.Post, "/api/auth/refresh", new RefreshRequest(refresh)), cancel);

        return answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest ? null : await TokensOfAsync(answer, cancel);
    }

    /// <summary>Revokes a session's tokens.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is unavailable.</exception>
    public async Task LogoutAsync(Session session, CancellationToken cancel)
    {
        var request = Request(HttpMethod.Post, "/api/auth/logout", new LogoutRequest(session.Refresh));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Access);
        using var answer = await SendAsync(request, cancel);

        // 401: the tokens are invalid already and need not be revoked.
        if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.Unauthorized)
            throw new IdentityUnreachableException($"It answered {(int)answer.StatusCode}.");
    }

    /// <summary>Asks whether an access token is still valid, and of which account it is.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is unavailable.</exception>
    public async Task<TokenCheck> CheckAsync(string access, CancellationToken cancel)
    {
        var request = Request(HttpMethod.Get, "/api/auth/validate");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
        using var answer = await SendAsync(request, cancel, Checks);
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
            return new TokenCheck(IsRefused: true, User: null);

        return new TokenCheck(IsRefused: false, answer.IsSuccessStatusCode ? (await ReadAsync<ValidateResponse>(answer, cancel)).User : null);
    }

    /// <summary>Reads the tokens from a successful response to a sign-in, registration or refresh; all have the same form.</summary>
    /// <exception cref="IdentityUnreachableException">The response holds no tokens.</exception>
    public static async Task<TokenSet> TokensOfAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
            throw new IdentityUnreachableException($"It answered {(int)answer.StatusCode}.");

        return (await ReadAsync<RefreshResponse>(answer, cancel)).Tokens;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            return (await answer.Content.ReadFromJsonAsync<T>(Json, cancel))!;
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException)
        {
            throw new IdentityUnreachableException("Its answer can't be read.", failure);
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, object? body = null) =>
        new(method, $"http://{ResourceNames.Identity}{path}") { Content = body is null ? null : JsonContent.Create(body, options: Json) };

    /// <summary>Adds the browser's address and its known-browser cookie to a request to Identity.</summary>
    private static HttpRequestMessage For(HttpContext browser, HttpRequestMessage request)
    {
        if (browser.Connection.RemoteIpAddress is { } address)
            request.Headers.Add("X-Forwarded-For", address.ToString());
        request.Headers.Add("X-Forwarded-Proto", browser.Request.Scheme);

        var known = KnownBrowserCookie.NameIn(browser.RequestServices.GetRequiredService<IHostEnvironment>());
        if (browser.Request.Cookies.TryGetValue(known, out var cookie))
            request.Headers.TryAddWithoutValidation("Cookie", $"{known}={Uri.EscapeDataString(cookie)}");

        return request;
    }

    /// <summary>Passes Identity's known-browser cookie on to the browser.</summary>
    public static void PassCookiesOn(HttpResponseMessage answer, HttpContext browser)
    {
        if (answer.Headers.TryGetValues("Set-Cookie", out var cookies))
            browser.Response.Headers.Append("Set-Cookie", cookies.ToArray());
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel, string client = ResourceNames.Identity)
    {
        using (request)
        {
            try
            {
                return await clients.CreateClient(client).SendAsync(request, cancel);
            }
            catch (Exception failure) when (failure is HttpRequestException or ExecutionRejectedException
                || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                throw new IdentityUnreachableException(failure.Message, failure);
            }
        }
    }
}
