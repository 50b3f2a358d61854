using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace EnergyAspire.Identity.Tests.OpenIdConnect;

/// <summary>Authorization requests that are wrong, by mistake or on purpose.</summary>
public sealed class WrongRequestTests(IdentityFixture fixture) : IDisposable
{
    private readonly Browser _browser = Browser.At(fixture.Identity);

    [Theory]
    [InlineData("https://app.example/callback/")]
    [InlineData("https://app.example/Callback")]
    [InlineData("https://app.example/callback?x=1")]
    [InlineData("https://app.example/callback#x")]
    [InlineData("https://app.example:443/callback")]
    [InlineData("https://app.example/callback/../callback")]
    [InlineData("https://app.example@evil.example/callback")]
    [InlineData("https://app.example.evil.example/callback")]
    [InlineData("http://app.example/callback")]
    [InlineData("//app.example/callback")]
    [InlineData("javascript:alert(1)//https://app.example/callback")]
    [InlineData("\"><script>alert(1)</script>")]
    [InlineData(null)]
    public async Task An_address_that_is_not_the_client_s_is_shown_a_page_and_never_sent_anything(string? address)
    {
        var page = await _browser.OpenAsync(AppClient.AuthorizeAddress(("redirect_uri", address)));

        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Equal("energy.example", page.Address.Host);
        Assert.StartsWith("<!DOCTYPE html>", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("form-action 'self';", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("energy-web")]
    [InlineData("identity")]
    [InlineData("<script>")]
    [InlineData(null)]
    public async Task A_client_that_may_not_ask_gets_a_page(string? client)
    {
        var page = await _browser.OpenAsync(AppClient.AuthorizeAddress(("client_id", client)));

        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge", "abc", "invalid_request")]
    [InlineData("code_challenge", "0123456789012345678901234567890123456789 12", "invalid_request")]
    [InlineData("max_age", "9223372036854775807", "invalid_request")]
    [InlineData("max_age", "922337203686", "invalid_request")]
    [InlineData("max_age", "-1", "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "id_token", "unsupported_response_type")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("scope", "openid saga", "invalid_request")]
    [InlineData("scope", "openid replica", "invalid_request")]
    [InlineData("scope", "openid everything", "invalid_scope")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("request", "x.y.z", "request_not_supported")]
    public async Task Other_mistakes_are_told_to_the_client_with_its_state(string parameter, string? value, string error)
    {
        var back = await _browser.OpenAsync(AppClient.AuthorizeAddress((parameter, value)));

        Assert.Equal(AppClient.RedirectUri, back.Address.GetLeftPart(UriPartial.Path));
        Assert.Equal(error, back["error"]);
        Assert.Equal("a state", back["state"]);
        Assert.Equal(IdentityHost.Issuer, back["iss"]);
        Assert.Null(back["code"]);
    }

    [Theory]
    [InlineData("/connect/token", "username")]
    [InlineData("/connect/token", "client_id")]
    [InlineData("/connect/token", "scope")]
    [InlineData("/connect/token", "refresh_token")]
    [InlineData("/connect/revoke", "token")]
    [InlineData("/connect/sign-in", "username")]
    [InlineData("/connect/authorize", "client_id")]
    [InlineData("/connect/logout", "post_logout_redirect_uri")]
    public async Task Control_characters_are_the_caller_s_fault(string path, string field)
    {
        using var client = fixture.Identity.CreateClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "password", [field] = "a\u0001b" });
        // The form's reader refuses U+0000 itself, and doesn't say where it was.
        using var formWithNull = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "password", [field] = "a\0b" });

        using var posted = await client.PostAsync(path, form);
        using var postedNull = await client.PostAsync(path, formWithNull);
        using var asked = await client.GetAsync($"{path}?{field}=a%00b");

        Assert.Equal(HttpStatusCode.BadRequest, posted.StatusCode);
        Assert.True((await posted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
        Assert.Equal(HttpStatusCode.BadRequest, postedNull.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, asked.StatusCode);
    }

    [Fact]
    public async Task A_client_s_name_in_the_header_may_hold_no_control_character_either()
    {
        using var client = fixture.Identity.CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("a%00b:secret"u8));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials" });

        using var answer = await client.PostAsync("/connect/token", form);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Userinfo_takes_its_token_from_the_header_or_a_form_and_never_from_the_address()
    {
        var access = (await new AppClient(fixture.Identity).SignInAsync()).GetProperty("access_token").GetString()!;
        using var nobody = fixture.Identity.CreateClient();
        using var owner = fixture.Identity.ClientWith(access);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["access_token"] = access });

        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync("/connect/userinfo")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await owner.PostAsync("/connect/userinfo", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await nobody.PostAsync("/connect/userinfo", form)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await nobody.GetAsync($"/connect/userinfo?access_token={access}")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await nobody.PostAsync($"/connect/userinfo?access_token={access}", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.PostAsync("/connect/userinfo", null)).StatusCode);
    }

    [Fact]
    public async Task An_answer_by_form_post_goes_to_the_client_only_and_is_encoded()
    {
        var page = await _browser.OpenAsync(AppClient.AuthorizeAddress(("response_mode", "form_post"), ("prompt", "none"), ("state", "\"><script>alert(1)</script>")));

        Assert.Contains($"action=\"{AppClient.RedirectUri}\"", page.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"login_required\"", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("saga")]
    [InlineData("replica")]
    public async Task A_password_gives_no_scope_of_services(string scope)
    {
        var app = new AppClient(fixture.Identity);
        var error = await AppClient.ErrorAsync(await app.TokenAsync(
            ("client_id", "energy-web"), ("grant_type", "password"), ("username", "alice"), ("password", "alice123"), ("scope", scope)));
        Assert.Equal("invalid_request", error);

        var refresh = (await fixture.Identity.LoginAsync("alice", "alice123")).Tokens().Refresh;
        error = await AppClient.ErrorAsync(await app.TokenAsync(
            ("client_id", "energy-web"), ("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", scope)));
        Assert.True(error is "invalid_request" or "invalid_grant" or "invalid_scope", error);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("client_credentials")]
    [InlineData("urn:energyaspire:registration")]
    public async Task A_client_of_the_sign_in_page_may_use_no_other_grant(string grant)
    {
        var error = await AppClient.ErrorAsync(await new AppClient(fixture.Identity).TokenAsync(
            ("grant_type", grant), ("username", "alice"), ("password", "alice123")));

        Assert.True(error is "unauthorized_client" or "invalid_request", error);
    }

    [Fact]
    public async Task Discovery_tells_exactly_what_there_is()
    {
        using var client = fixture.Identity.CreateClient();
        client.BaseAddress = new Uri(IdentityHost.Issuer);
        var document = await client.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");

        foreach (var (field, path) in new[]
        {
            ("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("userinfo_endpoint", "userinfo"),
            ("end_session_endpoint", "logout"), ("revocation_endpoint", "revoke"),
        })
            Assert.Equal($"{IdentityHost.Issuer}connect/{path}", document.GetProperty(field).GetString());
        Assert.Equal(["S256"], Texts("code_challenge_methods_supported"));
        Assert.Equal(["code"], Texts("response_types_supported"));
        Assert.Equal(["form_post", "query"], Texts("response_modes_supported").Order(StringComparer.Ordinal));
        Assert.Equal(["public"], Texts("subject_types_supported"));
        Assert.Equal(["RS256"], Texts("id_token_signing_alg_values_supported"));
        foreach (var scope in new[] { "openid", "profile", "offline_access" })
            Assert.Contains(scope, Texts("scopes_supported"));
        foreach (var claim in new[] { "sub", "auth_time", "preferred_username", "role" })
            Assert.Contains(claim, Texts("claims_supported"));
        foreach (var grant in new[] { "authorization_code", "refresh_token", "client_credentials" })
            Assert.Contains(grant, Texts("grant_types_supported"));
        Assert.True(document.GetProperty("authorization_response_iss_parameter_supported").GetBoolean());

        IEnumerable<string> Texts(string field) => document.GetProperty(field).EnumerateArray().Select(value => value.GetString()!);
    }

    public void Dispose() => _browser.Dispose();
}
