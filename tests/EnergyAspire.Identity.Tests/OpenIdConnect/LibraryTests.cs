using System.Net;
using System.Net.Sockets;
using Duende.IdentityModel.OidcClient;
using Duende.IdentityModel.OidcClient.Browser;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Identity.Tests.OpenIdConnect;

/// <summary>Clients that others wrote, against Identity on a port of this machine.</summary>
public sealed class LibraryTests(IdentityFixture fixture) : IAsyncLifetime
{
    private readonly Uri _authority = FreeAddress();
    private readonly Uri _app = FreeAddress();
    private IdentityHost _identity = null!;

    public async ValueTask InitializeAsync()
    {
        _identity = fixture.Create(await fixture.CreateDatabaseAsync(), settings: new()
        {
            ["urls"] = _authority.AbsoluteUri,
            ["Identity:Issuer"] = _authority.AbsoluteUri,
            ["Identity:Clients:app:RedirectUris:0"] = $"{_app}callback",
            ["Identity:Clients:app:PostLogoutRedirectUris:0"] = $"{_app}bye",
            ["Identity:Clients:site:RedirectUris:0"] = $"{_app}signin-oidc",
            ["Identity:Clients:site:PostLogoutRedirectUris:0"] = $"{_app}signout-callback-oidc",
        });
        _identity.UseKestrel();
        _identity.StartServer();
        await _identity.WaitUntilReadyAsync();
    }

    public ValueTask DisposeAsync() => _identity.DisposeAsync();

    [Fact]
    public async Task An_app_with_oidc_client_signs_in_refreshes_and_signs_out()
    {
        using var browser = Browser(_authority);
        var client = new OidcClient(new OidcClientOptions
        {
            Authority = _authority.AbsoluteUri,
            ClientId = "app",
            Scope = "openid profile offline_access",
            RedirectUri = $"{_app}callback",
            PostLogoutRedirectUri = $"{_app}bye",
            Browser = new Person(browser, "alice", "alice123"),
            LoadProfile = true,
        });

        var login = await client.LoginAsync(new LoginRequest());
        Assert.False(login.IsError, $"{login.Error} {login.ErrorDescription}");
        Assert.Equal(DevelopmentData.Alice.ToString(), login.User.FindFirst("sub")!.Value);
        Assert.Equal("alice", login.User.FindFirst("preferred_username")!.Value);
        Assert.Equal("client", login.User.FindFirst("role")!.Value);

        using var api = _identity.ClientWith(login.AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/auth/validate")).StatusCode);

        var refreshed = await client.RefreshTokenAsync(login.RefreshToken);
        Assert.False(refreshed.IsError, $"{refreshed.Error} {refreshed.ErrorDescription}");
        Assert.NotEqual(login.RefreshToken, refreshed.RefreshToken);

        var logout = await client.LogoutAsync(new LogoutRequest { IdTokenHint = refreshed.IdentityToken });
        Assert.False(logout.IsError, logout.Error);
        Assert.True((await client.RefreshTokenAsync(refreshed.RefreshToken)).IsError);
    }

    [Fact]
    public async Task A_site_with_asp_net_core_s_own_handler_signs_in_and_out()
    {
        await using var site = await StartSiteAsync();
        using var identity = Browser(_authority);
        using var visitor = Browser(_app);

        var signIn = await visitor.OpenAsync("/");
        var back = await identity.SignInAsync(await identity.OpenAsync(signIn.Address.AbsoluteUri), "bob", "bob123");
        var page = await visitor.OpenAsync(back.Address.AbsoluteUri);
        Assert.Equal("bob client", page.Html);

        var signOut = await visitor.OpenAsync("/out");
        var bye = await identity.OpenAsync(signOut.Address.AbsoluteUri);
        Assert.Equal("/signout-callback-oidc", bye.Address.AbsolutePath);
        Assert.Equal(_authority.Authority, (await visitor.OpenAsync("/")).Address.Authority);
        Assert.Equal("/connect/sign-in", (await identity.OpenAsync(signIn.Address.AbsoluteUri)).Address.AbsolutePath);
    }

    private async Task<WebApplication> StartSiteAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls(_app.AbsoluteUri);
        builder.Services.AddAuthorization();
        builder.Services.AddAuthentication(options =>
            {
                options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
            })
            .AddCookie()
            .AddOpenIdConnect(options =>
            {
                options.Authority = _authority.AbsoluteUri;
                options.RequireHttpsMetadata = false;
                options.ClientId = "site";
                options.ResponseType = "code";
                options.ResponseMode = "query";
                options.SaveTokens = true;
                options.MapInboundClaims = false;
                options.GetClaimsFromUserInfoEndpoint = true;
                foreach (var cookie in new[] { options.CorrelationCookie, options.NonceCookie })
                {
                    // The site has no TLS here.
                    cookie.SecurePolicy = CookieSecurePolicy.None;
                    cookie.SameSite = SameSiteMode.Lax;
                }
            });

        var site = builder.Build();
        site.UseAuthentication();
        site.UseAuthorization();
        site.MapGet("/", (HttpContext http) => $"{http.User.FindFirst("preferred_username")!.Value} {http.User.FindFirst("role")!.Value}").RequireAuthorization();
        site.MapGet("/out", (HttpContext _) => TypedResults.SignOut(new AuthenticationProperties { RedirectUri = "/" },
            [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]));
        await site.StartAsync();

        return site;
    }

    private static Browser Browser(Uri home) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, home);

    private static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        return new Uri($"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }

    /// <summary>Does at the browser what the library asks for.</summary>
    private sealed class Person(Browser browser, string username, string password) : IBrowser
    {
        public async Task<BrowserResult> InvokeAsync(BrowserOptions options, CancellationToken cancellationToken = default)
        {
            var view = await browser.OpenAsync(options.StartUrl);
            if (view.Address.AbsolutePath == "/connect/sign-in")
                view = await browser.SignInAsync(view, username, password);

            Assert.StartsWith(options.EndUrl, view.Address.AbsoluteUri, StringComparison.Ordinal);
            return new BrowserResult { ResultType = BrowserResultType.Success, Response = view.Address.AbsoluteUri };
        }
    }
}
