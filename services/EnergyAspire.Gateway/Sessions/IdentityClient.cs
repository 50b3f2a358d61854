using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Calls Identity's sign-in API on behalf of browsers.</summary>
public sealed class IdentityClient(HttpClient http)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Signs in; a refusal comes back as Identity answered it.</summary>
    public async Task<HttpResponseMessage> SignInAsync(SignInRequest credentials, IPAddress? address, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/login") { Content = JsonContent.Create(credentials, options: Json) };
        if (address is not null)
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", address.ToString());

        return await http.SendAsync(request, cancel);
    }

    /// <summary>Exchanges a refresh token; null when Identity refuses it.</summary>
    /// <exception cref="HttpRequestException">Identity can't answer now.</exception>
    public async Task<SessionTokens?> RefreshAsync(string refreshToken, CancellationToken cancel)
    {
        using var response = await http.PostAsJsonAsync("/api/auth/refresh", new { refresh = refreshToken }, cancel);
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return null;

        response.EnsureSuccessStatusCode();
        return await ReadTokensAsync(response, cancel);
    }

    /// <summary>Revokes the refresh token's family.</summary>
    public async Task SignOutAsync(string accessToken, string refreshToken, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/logout") { Content = JsonContent.Create(new { refresh = refreshToken }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var response = await http.SendAsync(request, cancel);
    }

    /// <summary>Reads the tokens of a successful answer.</summary>
    public static async Task<SessionTokens> ReadTokensAsync(HttpResponseMessage response, CancellationToken cancel) =>
        (await response.Content.ReadFromJsonAsync<TokenAnswer>(Json, cancel))?.Tokens
        ?? throw new HttpRequestException("Identity answered without tokens.");

    private sealed record TokenAnswer(SessionTokens Tokens);
}
