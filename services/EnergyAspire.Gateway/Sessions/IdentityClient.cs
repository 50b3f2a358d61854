using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Polly;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Tokens as Identity issues them.</summary>
/// <param name="Access">Access token.</param>
/// <param name="Refresh">Refresh token.</param>
/// <param name="ExpiresIn">Seconds that the access token works.</param>
/// <param name="User">Account.</param>
public sealed record TokenSet(string Access, string Refresh, long ExpiresIn, SessionUser User);

/// <summary>What Identity says of an access token.</summary>
/// <param name="IsRefused">Whether it counts no more.</param>
/// <param name="User">Account as it is now; null when Identity didn't say.</param>
public sealed record TokenCheck(bool IsRefused, SessionUser? User);

/// <summary>Identity couldn't be asked, or couldn't answer.</summary>
public sealed class IdentityUnreachableException(string reason, Exception? cause = null) : Exception(reason, cause);

/// <summary>Speaks with Identity on behalf of browsers.</summary>
public sealed class IdentityClient(IHttpClientFactory clients)
{
    /// <summary>Name of the client for registrations, whose answers wait for a saga.</summary>
    public const string Registrations = "registrations";

    /// <summary>Name of the client that asks whether tokens count, on which requests wait.</summary>
    public const string Checks = "token-checks";

    /// <summary>How long such an answer is waited for.</summary>
    public static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(2);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Signs in; the answer is Identity's, whatever it is.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is away.</exception>
    public Task<HttpResponseMessage> LoginAsync(SignInRequest credentials, HttpContext browser, CancellationToken cancel) =>
        SendAsync(For(browser, Request(HttpMethod.Post, "/api/auth/login", credentials)), cancel);

    /// <summary>Registers an account; the answer is Identity's, whatever it is.</summary>
    /// <param name="registration">The account.</param>
    /// <param name="access">Access token of who registers somebody else; null for one's own account.</param>
    /// <param name="browser">Request of the browser.</param>
    /// <param name="cancel">Stops waiting; the saga goes on.</param>
    /// <exception cref="IdentityUnreachableException">Identity is away.</exception>
    public Task<HttpResponseMessage> RegisterAsync(RegistrationRequest registration, string? access, HttpContext browser, CancellationToken cancel)
    {
        var request = For(browser, Request(HttpMethod.Post, "/api/auth/register", registration));
        if (access is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);

        return SendAsync(request, cancel, Registrations);
    }

    /// <summary>Uses a refresh token up for fresh tokens; null when Identity refuses it.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is away.</exception>
    public async Task<TokenSet?> RefreshAsync(string refresh, CancellationToken cancel)
    {
        using var answer = await SendAsync(Request(HttpMethod.Post, "/api/auth/refresh", new { refresh }), cancel);

        return answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest ? null : await TokensOfAsync(answer, cancel);
    }

    /// <summary>Revokes a session's tokens.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is away.</exception>
    public async Task LogoutAsync(Session session, CancellationToken cancel)
    {
        var request = Request(HttpMethod.Post, "/api/auth/logout", new { refresh = session.Refresh });
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Access);
        using var answer = await SendAsync(request, cancel);

        // Tokens that are worthless already need no revoking.
        if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.Unauthorized)
            throw new IdentityUnreachableException($"It answered {(int)answer.StatusCode}.");
    }

    /// <summary>Asks whether an access token still counts, and for whom.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is away.</exception>
    public async Task<TokenCheck> CheckAsync(string access, CancellationToken cancel)
    {
        var request = Request(HttpMethod.Get, "/api/auth/validate");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
        using var answer = await SendAsync(request, cancel, Checks);
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
            return new TokenCheck(IsRefused: true, User: null);

        return new TokenCheck(IsRefused: false, answer.IsSuccessStatusCode ? (await ReadAsync<ValidAnswer>(answer, cancel)).User : null);
    }

    /// <summary>Reads the tokens of a successful answer.</summary>
    /// <exception cref="IdentityUnreachableException">The answer is something else.</exception>
    public static async Task<TokenSet> TokensOfAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
            throw new IdentityUnreachableException($"It answered {(int)answer.StatusCode}.");

        return (await ReadAsync<TokenAnswer>(answer, cancel)).Tokens;
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

    /// <summary>Tells Identity where the browser is, and by which cookie it may know it.</summary>
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

    /// <summary>Passes on the cookie by which Identity will know the browser again.</summary>
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

    private sealed record TokenAnswer(TokenSet Tokens);

    private sealed record ValidAnswer(SessionUser? User);
}
