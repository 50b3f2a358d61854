using System.Net;

namespace EnergyAspire.Identity.Tests.OpenIdConnect;

public sealed class SignOutTests(IdentityFixture fixture) : IDisposable
{
    private readonly AppClient _app = new(fixture.Identity);
    private readonly Browser _browser = Browser.At(fixture.Identity);

    [Fact]
    public async Task A_client_signs_out_whom_it_signed_in_and_its_tokens_end()
    {
        var (idToken, refreshToken) = await SignInAsync();

        var back = await _browser.OpenAsync(Address(("id_token_hint", idToken), ("post_logout_redirect_uri", AppClient.GoodbyeUri), ("state", "s")));

        Assert.Equal($"{AppClient.GoodbyeUri}?state=s", back.Address.AbsoluteUri);
        Assert.Equal("invalid_grant", await AppClient.ErrorAsync(await _app.RefreshAsync(refreshToken)));
        Assert.Equal("login_required", (await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["error"]);
    }

    [Fact]
    public async Task A_copy_of_the_cookie_opens_nothing_after_the_session_has_ended()
    {
        using var watched = new CookieWatch { InnerHandler = fixture.Identity.Server.CreateHandler() };
        using var browser = new Browser(watched, new Uri(IdentityHost.Issuer));
        var back = await browser.SignInAsync(await browser.OpenAsync(AppClient.AuthorizeAddress()), "alice", "alice123");
        var idToken = (await AppClient.JsonAsync(await _app.RedeemAsync(back["code"]!))).GetProperty("id_token").GetString();
        Assert.NotNull((await browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["code"]);
        var copy = watched.Last;

        await browser.OpenAsync(Address(("id_token_hint", idToken)));

        using var thief = new HttpClient(fixture.Identity.Server.CreateHandler()) { BaseAddress = new Uri(IdentityHost.Issuer) };
        thief.DefaultRequestHeaders.Add("Cookie", copy);
        using var answer = await thief.GetAsync(AppClient.AuthorizeAddress(("prompt", "none")));
        Assert.Contains("energy-identity=", copy, StringComparison.Ordinal);
        Assert.Contains("error=login_required", answer.Headers.Location!.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_id_token_the_person_is_asked_first()
    {
        await SignInAsync();

        var page = await _browser.OpenAsync(Address(("client_id", "app"), ("post_logout_redirect_uri", AppClient.GoodbyeUri), ("state", "<b>")));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("alice", page.Html, StringComparison.Ordinal);
        Assert.NotNull((await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["code"]);

        var back = await _browser.SendAsync(page, []);
        Assert.Equal(AppClient.GoodbyeUri, back.Address.GetLeftPart(UriPartial.Path));
        Assert.Equal("<b>", back["state"]);
        Assert.Equal("login_required", (await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["error"]);
    }

    [Fact]
    public async Task Another_site_s_form_can_t_sign_anybody_out()
    {
        await SignInAsync();
        using var forged = new HttpRequestMessage(HttpMethod.Post, "/connect/logout") { Content = new FormUrlEncodedContent([]) };
        using var answer = await _browser.RequestAsync(forged);

        Assert.Contains("Sign out?", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotNull((await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["code"]);
    }

    [Fact]
    public async Task Without_an_address_to_go_to_a_page_says_so()
    {
        var (idToken, _) = await SignInAsync();

        var page = await _browser.OpenAsync(Address(("id_token_hint", idToken)));

        Assert.Contains("You are signed out", page.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://app.example/bye/")]
    [InlineData("https://evil.example/")]
    [InlineData("https://app.example/callback")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_led_to_an_address_that_is_not_the_client_s(string address)
    {
        var (idToken, _) = await SignInAsync();

        var page = await _browser.OpenAsync(Address(("id_token_hint", idToken), ("post_logout_redirect_uri", address)));

        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Equal("energy.example", page.Address.Host);
        Assert.NotNull((await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["code"]);
    }

    [Fact]
    public async Task Somebody_else_s_id_token_ends_only_their_tokens()
    {
        var bob = (await _app.SignInAsync("bob", "bob123")).GetProperty("id_token").GetString();
        await SignInAsync();

        var page = await _browser.OpenAsync(Address(("id_token_hint", bob)));

        Assert.Contains("Sign out?", page.Html, StringComparison.Ordinal);
        Assert.NotNull((await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["code"]);
    }

    public void Dispose() => _browser.Dispose();

    /// <summary>Sees the cookies that a browser sends.</summary>
    private sealed class CookieWatch : DelegatingHandler
    {
        public string Last { get; private set; } = "";

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.TryGetValues("Cookie", out var cookies))
                Last = string.Join("; ", cookies);

            return base.SendAsync(request, cancellationToken);
        }
    }

    private static string Address(params (string Name, string? Value)[] query) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString(
            "/connect/logout", query.ToDictionary(parameter => parameter.Name, parameter => parameter.Value));

    private async Task<(string IdToken, string RefreshToken)> SignInAsync()
    {
        var back = await _browser.SignInAsync(await _browser.OpenAsync(AppClient.AuthorizeAddress()), "alice", "alice123");
        var tokens = await AppClient.JsonAsync(await _app.RedeemAsync(back["code"]!));

        return (tokens.GetProperty("id_token").GetString()!, tokens.GetProperty("refresh_token").GetString()!);
    }
}
