using System.Net;
using System.Net.Http.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace EnergyAspire.Identity.Tests.OpenIdConnect;

public sealed class SignInPageTests(IdentityFixture fixture) : IDisposable
{
    private readonly Browser _browser = Browser.At(fixture.Identity);

    [Fact]
    public async Task Who_signs_in_comes_back_to_the_client_with_a_code_and_its_state()
    {
        var page = await _browser.OpenAsync(AppClient.AuthorizeAddress(("state", "x&y=<z>")));
        Assert.Equal("/connect/sign-in", page.Address.AbsolutePath);
        Assert.Contains("Solar planner", page.Html, StringComparison.Ordinal);

        var back = await _browser.SignInAsync(page, "alice", "alice123");

        Assert.Equal(AppClient.RedirectUri, back.Address.GetLeftPart(UriPartial.Path));
        Assert.NotEmpty(back["code"]!);
        Assert.Equal("x&y=<z>", back["state"]);
        Assert.Equal(IdentityHost.Issuer, back["iss"]);
    }

    [Fact]
    public async Task Who_is_signed_in_needs_no_password_for_the_next_client()
    {
        await SignInAsync();

        Assert.NotNull((await _browser.OpenAsync(AppClient.AuthorizeAddress()))["code"]);
        Assert.NotNull((await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["code"]);
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("nobody-knows", "wrong")]
    [InlineData("", "")]
    public async Task A_wrong_password_and_an_unknown_name_get_the_same_page(string username, string password)
    {
        var answer = await _browser.SignInAsync(await _browser.OpenAsync(AppClient.AuthorizeAddress()), username, password);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains("""role="alert" id="problem">The username or the password is wrong.</p>""", answer.Html, StringComparison.Ordinal);
        Assert.Equal("/connect/sign-in", answer.Address.AbsolutePath);
        Assert.NotNull((await _browser.SignInAsync(answer, "alice", "alice123"))["code"]);
    }

    [Fact]
    public async Task A_name_that_is_locked_is_told_for_how_long()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var browser = Browser.At(identity);
        var page = await browser.OpenAsync(AppClient.AuthorizeAddress());
        for (var failure = 0; failure < 5; failure++)
            await browser.SignInAsync(page, "bob", "wrong");

        var locked = await browser.SignInAsync(page, "bob", "bob123");

        Assert.Equal(HttpStatusCode.TooManyRequests, locked.Status);
        Assert.Contains("try again in 5 min.", locked.Html, StringComparison.Ordinal);
        Assert.NotNull(locked.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_lock_ends_the_browser_s_session_and_refuses_the_right_password()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var browser = Browser.At(identity);
        Assert.NotNull((await browser.SignInAsync(await browser.OpenAsync(AppClient.AuthorizeAddress()), "bob", "bob123"))["code"]);

        await LockBobAsync(identity);
        var page = await browser.OpenAsync(AppClient.AuthorizeAddress());

        Assert.Equal("/connect/sign-in", page.Address.AbsolutePath);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await browser.SignInAsync(page, "bob", "bob123")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SignInAsync(page, "bob", "wrong")).Status);
    }

    [Fact]
    public async Task A_client_can_insist_on_a_password_or_on_none()
    {
        Assert.Equal("login_required", (await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["error"]);
        await SignInAsync();

        var again = await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "login")));
        Assert.Equal("/connect/sign-in", again.Address.AbsolutePath);
        Assert.NotNull((await _browser.SignInAsync(again, "alice", "alice123"))["code"]);

        var fresh = await _browser.OpenAsync(AppClient.AuthorizeAddress(("max_age", "0")));
        Assert.Equal("/connect/sign-in", fresh.Address.AbsolutePath);
        Assert.NotNull((await _browser.SignInAsync(fresh, "alice", "alice123"))["code"]);
    }

    [Fact]
    public async Task A_session_gets_old_and_ends_after_an_hour()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync(), time: time);
        using var browser = Browser.At(identity);
        var app = new AppClient(identity);
        var start = time.GetUtcNow().ToUnixTimeSeconds();
        await browser.SignInAsync(await browser.OpenAsync(AppClient.AuthorizeAddress()), "alice", "alice123");

        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("login_required", (await browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"), ("max_age", "599"))))["error"]);
        var code = (await browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"), ("max_age", "601"))))["code"]!;
        var token = new JsonWebToken((await AppClient.JsonAsync(await app.RedeemAsync(code))).GetProperty("id_token").GetString());
        Assert.Equal(start, token.GetPayloadValue<long>("auth_time"));
        Assert.Equal("a nonce", token.GetClaim("nonce").Value);

        time.Advance(TimeSpan.FromMinutes(51));
        Assert.Equal("login_required", (await browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["error"]);
    }

    [Fact]
    public async Task A_client_that_expects_somebody_else_gets_nobody()
    {
        var bob = (await new AppClient(fixture.Identity).SignInAsync("bob", "bob123")).GetProperty("id_token").GetString();
        await SignInAsync();

        var back = await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"), ("id_token_hint", bob)));

        Assert.Equal("login_required", back["error"]);
    }

    [Fact]
    public async Task A_form_without_its_token_signs_nobody_in()
    {
        var page = await _browser.OpenAsync(AppClient.AuthorizeAddress());
        var answer = await _browser.SendAsync(page with { Html = page.Html.Replace("type=\"hidden\" name=", "disabled name=\"\" data-name=", StringComparison.Ordinal) },
            new() { ["username"] = "alice", ["password"] = "alice123" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("login_required", (await _browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["error"]);
    }

    [Fact]
    public async Task The_page_can_t_be_framed_cached_or_added_to_and_leads_only_to_the_client()
    {
        var page = await _browser.OpenAsync(AppClient.AuthorizeAddress());
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();

        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.EndsWith("; form-action 'self' https://app.example; base-uri 'none'; frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("DENY", page.Headers.GetValues("X-Frame-Options").Single());
        Assert.True(page.Headers.CacheControl!.NoStore);
        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(
            Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(
                page.Html.Split("<style>")[1].Split("</style>")[0]))),
            policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_address_says_is_shown_as_text()
    {
        var page = await _browser.OpenAsync(AppClient.AuthorizeAddress(("login_hint", "\"><script>alert(1)</script>"), ("ui_locales", "\"><img>")));

        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", page.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?client_id=app&redirect_uri=https://evil.example/")]
    [InlineData("?returnUrl=https://evil.example/&client_id=nobody")]
    [InlineData("//evil.example/")]
    [InlineData("?client_id=app&redirect_uri=javascript:alert(1)&response_type=code&code_challenge=x&code_challenge_method=S256")]
    public async Task A_made_up_address_of_the_page_leads_nowhere(string query)
    {
        var page = await _browser.OpenAsync("/connect/sign-in" + query);
        if (page.Status == HttpStatusCode.NotFound)
            return;
        Assert.DoesNotContain("evil.example", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("javascript", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        var answer = await _browser.SignInAsync(page, "alice", "alice123");

        Assert.Equal("/connect/authorize", answer.Address.AbsolutePath);
        Assert.Equal("energy.example", answer.Address.Host);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
    }

    [Fact]
    public async Task The_cookies_are_the_browser_s_secret_and_stay_under_connect()
    {
        var page = await _browser.OpenAsync(AppClient.AuthorizeAddress());
        using var form = new HttpRequestMessage(HttpMethod.Post, page.Address)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["__RequestVerificationToken"] = page.Html.Split("__RequestVerificationToken\" value=\"")[1].Split('"')[0],
                ["username"] = "alice",
                ["password"] = "alice123",
            }),
        };
        using var answer = await _browser.RequestAsync(form);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("energy-identity=", StringComparison.Ordinal));

        foreach (var attribute in new[] { "path=/connect", "secure", "httponly", "samesite=lax" })
            Assert.Contains($"; {attribute}", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_session_opened_at_one_replica_counts_at_the_other()
    {
        var database = await fixture.CreateDatabaseAsync();
        await using var one = await fixture.StartAsync(database);
        await using var other = await fixture.StartAsync(database);
        using var browser = new Browser(new TakingTurns(one.Server.CreateHandler(), other.Server.CreateHandler()), new Uri(IdentityHost.Issuer));

        for (var turn = 0; turn < 3; turn++)
        {
            var page = await browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "login")));
            Assert.NotNull((await browser.SignInAsync(page, "alice", "alice123"))["code"]);
            Assert.NotNull((await browser.OpenAsync(AppClient.AuthorizeAddress(("prompt", "none"))))["code"]);
        }
    }

    internal static async Task LockBobAsync(IdentityHost identity)
    {
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        using var locked = await admin.PutAsJsonAsync($"/api/auth/users/{DevelopmentData.Bob}/lock", new { });
        Assert.Equal(HttpStatusCode.OK, locked.StatusCode);
    }

    public void Dispose() => _browser.Dispose();

    private async Task SignInAsync() =>
        Assert.NotNull((await _browser.SignInAsync(await _browser.OpenAsync(AppClient.AuthorizeAddress()), "alice", "alice123"))["code"]);

    private sealed class TakingTurns(params HttpMessageHandler[] replicas) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker[] _replicas = [.. replicas.Select(replica => new HttpMessageInvoker(replica))];
        private int _turn;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _replicas[_turn++ % _replicas.Length].SendAsync(request, cancellationToken);
    }
}
