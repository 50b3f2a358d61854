using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using Polly;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Tokens as Identity issues them.</summary>
/// <param name="Access">Access token.</param>
/// <param name="Refresh">Refresh token.</param>
/// <param name="ExpiresIn">Seconds that the access token works.</param>
/// <param name="User">Account.</param>
public sealed record TokenSet(string Access, string Refresh, long ExpiresIn, SessionUser User);

/// <summary>Identity couldn't be asked, or couldn't answer.</summary>
public sealed class IdentityUnreachableException(string reason, Exception? cause = null) : Exception(reason, cause);

/// <summary>Speaks with Identity on behalf of browsers.</summary>
public sealed class IdentityClient(IHttpClientFactory clients)
{
    /// <summary>Name of the client for registrations, whose answers wait for a saga.</summary>
    public const string Registrations = "registrations";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Signs in; the answer is Identity's, whatever it is.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is away.</exception>
    public Task<HttpResponseMessage> LoginAsync(SignInRequest credentials, IPAddress? address, CancellationToken cancel) =>
        SendAsync(For(address, Request(HttpMethod.Post, "/api/auth/login", credentials)), cancel);

    /// <summary>Registers an account; the answer is Identity's, whatever it is.</summary>
    /// <param name="registration">The account.</param>
    /// <param name="access">Access token of who registers somebody else; null for one's own account.</param>
    /// <param name="address">Where the browser is.</param>
    /// <param name="cancel">Stops waiting; the saga goes on.</param>
    /// <exception cref="IdentityUnreachableException">Identity is away.</exception>
    public Task<HttpResponseMessage> RegisterAsync(RegistrationRequest registration, string? access, IPAddress? address, CancellationToken cancel)
    {
        var request = For(address, Request(HttpMethod.Post, "/api/auth/register", registration));
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

    /// <summary>Asks whether an access token still works.</summary>
    /// <exception cref="IdentityUnreachableException">Identity is away.</exception>
    public async Task<bool> IsValidAsync(string access, CancellationToken cancel)
    {
        var request = Request(HttpMethod.Get, "/api/auth/validate");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
        using var answer = await SendAsync(request, cancel);

        return answer.StatusCode != HttpStatusCode.Unauthorized;
    }

    /// <summary>Reads the tokens of a successful answer.</summary>
    /// <exception cref="IdentityUnreachableException">The answer is something else.</exception>
    public static async Task<TokenSet> TokensOfAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
            throw new IdentityUnreachableException($"It answered {(int)answer.StatusCode}.");

        try
        {
            return (await answer.Content.ReadFromJsonAsync<TokenAnswer>(Json, cancel))!.Tokens;
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException)
        {
            throw new IdentityUnreachableException("Its answer can't be read.", failure);
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, object? body = null) =>
        new(method, $"http://{ResourceNames.Identity}{path}") { Content = body is null ? null : JsonContent.Create(body, options: Json) };

    private static HttpRequestMessage For(IPAddress? address, HttpRequestMessage request)
    {
        if (address is not null)
            request.Headers.Add("X-Forwarded-For", address.ToString());

        return request;
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
}
