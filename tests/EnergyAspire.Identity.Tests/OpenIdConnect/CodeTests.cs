using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.IdentityModel.JsonWebTokens;

namespace EnergyAspire.Identity.Tests.OpenIdConnect;

public sealed class CodeTests(IdentityFixture fixture)
{
    private readonly AppClient _app = new(fixture.Identity);

    [Fact]
    public async Task A_code_gives_the_tokens_of_the_account()
    {
        var answer = await _app.SignInAsync();
        var access = new JsonWebToken(answer.GetProperty("access_token").GetString());
        var id = new JsonWebToken(answer.GetProperty("id_token").GetString());

        Assert.Equal(["energy-api"], access.Audiences);
        Assert.Equal("at+jwt", access.Typ);
        Assert.Equal("1", access.GetClaim(TokenConventions.Generation).Value);
        Assert.Equal("client", access.GetClaim("role").Value);
        Assert.Equal(["app"], id.Audiences);
        Assert.Equal(DevelopmentData.Alice.ToString(), id.Subject);
        Assert.Equal("alice", id.GetClaim("preferred_username").Value);
        Assert.Equal("client", id.GetClaim("role").Value);
        Assert.False(id.TryGetClaim(TokenConventions.Generation, out _));
        Assert.NotEmpty(answer.GetProperty("refresh_token").GetString()!);
        using var client = fixture.Identity.ClientWith(answer.GetProperty("access_token").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/auth/validate")).StatusCode);
    }

    [Fact]
    public async Task An_id_token_is_no_access_token()
    {
        using var client = fixture.Identity.ClientWith((await _app.SignInAsync()).GetProperty("id_token").GetString()!);

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/auth/validate")).StatusCode);
    }

    [Fact]
    public async Task Without_the_scope_offline_access_there_is_no_refresh_token()
    {
        using var browser = Browser.At(fixture.Identity);
        var back = await browser.SignInAsync(await browser.OpenAsync(AppClient.AuthorizeAddress(("scope", "openid"))), "alice", "alice123");
        var answer = await AppClient.JsonAsync(await _app.RedeemAsync(back["code"]!));

        Assert.False(answer.TryGetProperty("refresh_token", out _));
        Assert.False(new JsonWebToken(answer.GetProperty("id_token").GetString()).TryGetClaim("preferred_username", out _));
    }

    [Fact]
    public async Task A_code_works_once_and_its_replay_revokes_what_it_gave()
    {
        var code = await _app.CodeAsync();
        var tokens = await AppClient.JsonAsync(await _app.RedeemAsync(code));

        Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await _app.RedeemAsync(code)));
        Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await _app.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await UserInfoAsync(tokens)).StatusCode);
    }

    [Fact]
    public async Task Of_simultaneous_uses_of_a_code_at_most_one_succeeds()
    {
        var code = await _app.CodeAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _app.RedeemAsync(code)));
        var winners = answers.Where(answer => answer.StatusCode == HttpStatusCode.OK).ToList();

        Assert.InRange(winners.Count, 0, 1);
        foreach (var winner in winners)
        {
            var refresh = (await AppClient.JsonAsync(winner)).GetProperty("refresh_token").GetString()!;
            Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await _app.RefreshAsync(refresh)));
        }
    }

    [Theory]
    [InlineData("code_verifier", "another-verifier-that-is-long-enough-for-the-standard-01234")]
    [InlineData("code_verifier", null)]
    [InlineData("redirect_uri", "https://app.example/other")]
    [InlineData("redirect_uri", null)]
    [InlineData("client_id", "energy-docs")]
    public async Task A_stolen_code_is_worthless(string field, string? value)
    {
        var error = await AppClient.ErrorAsync(await _app.RedeemAsync(await _app.CodeAsync(), (field, value)));

        Assert.True(error is "invalid_grant" or "invalid_request", error);
    }

    [Fact]
    public async Task Refresh_tokens_of_clients_rotate_and_their_reuse_revokes_the_family()
    {
        var first = (await _app.SignInAsync()).GetProperty("refresh_token").GetString()!;
        var second = (await AppClient.JsonAsync(await _app.RefreshAsync(first))).GetProperty("refresh_token").GetString()!;

        Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await _app.RefreshAsync(first)));
        Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await _app.RefreshAsync(second)));
    }

    [Fact]
    public async Task A_client_s_refresh_token_is_no_other_client_s()
    {
        var refresh = (await _app.SignInAsync()).GetProperty("refresh_token").GetString()!;
        using var web = fixture.Identity.CreateClient();
        using var answer = await web.PostAsJsonAsync("/api/auth/refresh", new { refresh });

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task An_account_that_is_locked_meanwhile_gets_no_tokens()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        var app = new AppClient(identity);
        var tokens = await app.SignInAsync("bob", "bob123");
        var code = await app.CodeAsync("bob", "bob123");

        await SignInPageTests.LockBobAsync(identity);

        Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await app.RedeemAsync(code)));
        Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await app.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)));
    }

    [Fact]
    public async Task Userinfo_tells_what_identity_knows_to_who_may_know_it()
    {
        using var answer = await UserInfoAsync(await _app.SignInAsync());
        var user = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(["sub", "preferred_username", "username", "role"], user.EnumerateObject().Select(claim => claim.Name));
        Assert.Equal(DevelopmentData.Alice, user.GetProperty("sub").GetGuid());
        Assert.Equal("alice", user.GetProperty("preferred_username").GetString());

        var web = (await fixture.Identity.LoginAsync("alice", "alice123")).GetProperty("tokens").GetProperty("access").GetString()!;
        using var withoutScope = await UserInfoAsync(fixture.Identity, web);
        Assert.Equal(HttpStatusCode.Forbidden, withoutScope.StatusCode);
    }

    [Fact]
    public async Task Userinfo_refuses_tokens_from_before_a_change_of_the_account()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        var tokens = await new AppClient(identity).SignInAsync("bob", "bob123");
        await SignInPageTests.LockBobAsync(identity);
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        await admin.DeleteAsync($"/api/auth/users/{DevelopmentData.Bob}/lock");

        using var answer = await UserInfoAsync(identity, tokens.GetProperty("access_token").GetString()!);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("invalid_token", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_can_revoke_its_refresh_token()
    {
        var refresh = (await _app.SignInAsync()).GetProperty("refresh_token").GetString()!;
        using var client = fixture.Identity.CreateClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = "app", ["token"] = refresh });

        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/connect/revoke", form)).StatusCode);
        Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await _app.RefreshAsync(refresh)));
    }

    private Task<HttpResponseMessage> UserInfoAsync(JsonElement tokens) =>
        UserInfoAsync(fixture.Identity, tokens.GetProperty("access_token").GetString()!);

    private static async Task<HttpResponseMessage> UserInfoAsync(IdentityHost identity, string access)
    {
        using var client = identity.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);

        return await client.SendAsync(request);
    }
}
