using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace EnergyAspire.Identity.Tests.OpenIdConnect;

/// <summary>A program that isn't ours, by hand, so that it can also do what no library would.</summary>
public sealed class AppClient(IdentityHost identity)
{
    public const string RedirectUri = "https://app.example/callback";
    public const string GoodbyeUri = "https://app.example/bye";
    public const string Verifier = "a-verifier-that-is-long-enough-for-the-standard-0123456789";

    public static string Challenge { get; } = WebEncoders.Base64UrlEncode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>Address of an authorization request; a value of null leaves a parameter out.</summary>
    public static string AuthorizeAddress(params (string Name, string? Value)[] changes)
    {
        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["client_id"] = "app",
            ["redirect_uri"] = RedirectUri,
            ["response_type"] = "code",
            ["scope"] = "openid profile offline_access",
            ["state"] = "a state",
            ["nonce"] = "a nonce",
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes)
            query[name] = value;

        return QueryHelpers.AddQueryString("/connect/authorize", query);
    }

    /// <summary>Signs somebody in and returns the code.</summary>
    public async Task<string> CodeAsync(string username = "alice", string password = "alice123")
    {
        using var browser = Browser.At(identity);
        var back = await browser.SignInAsync(await browser.OpenAsync(AuthorizeAddress()), username, password);

        return back["code"] ?? throw new InvalidOperationException($"There is no code in {back.Address}.");
    }

    /// <summary>Redeems a code.</summary>
    public Task<HttpResponseMessage> RedeemAsync(string code, params (string Name, string? Value)[] changes) => TokenAsync([
        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", RedirectUri), ("code_verifier", Verifier), .. changes]);

    /// <summary>Uses a refresh token.</summary>
    public Task<HttpResponseMessage> RefreshAsync(string refreshToken) => TokenAsync(("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    /// <summary>Signs somebody in and returns the token endpoint's answer.</summary>
    public async Task<JsonElement> SignInAsync(string username = "alice", string password = "alice123") =>
        await JsonAsync(await RedeemAsync(await CodeAsync(username, password)));

    public async Task<HttpResponseMessage> TokenAsync(params (string Name, string? Value)[] fields)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["client_id"] = "app" };
        foreach (var (name, value) in fields)
        {
            form.Remove(name);
            if (value is not null)
                form[name] = value;
        }

        using var client = identity.CreateClient();
        return await client.PostAsync("/connect/token", new FormUrlEncodedContent(form));
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using (answer)
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The error of an answer that must be one.</summary>
    public static async Task<string> ErrorAsync(HttpResponseMessage answer)
    {
        Assert.False(answer.IsSuccessStatusCode);
        return (await JsonAsync(answer)).GetProperty("error").GetString()!;
    }
}
