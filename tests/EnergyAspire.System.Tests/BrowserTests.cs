using EnergyAspire.ServiceDefaults;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>What a person sees, in Debian's Chromium. Screenshots are kept beside the test program, in screens/.</summary>
public sealed class BrowserTests(SystemFixture system) : IAsyncLifetime
{
    private WebBrowser _browser = null!;

    public async ValueTask InitializeAsync() => _browser = await WebBrowser.StartAsync(system.Gateway);

    [Theory]
    [InlineData("desktop", 1280, 860, ColorScheme.Light)]
    [InlineData("phone-dark", 390, 844, ColorScheme.Dark)]
    public async Task Alice_signs_in_and_sees_her_bars(string name, int width, int height, ColorScheme colors)
    {
        // The address survives the sign-in.
        var page = await _browser.OpenAsync(width, height, colors, $"/consumption/{DevelopmentData.HeatPump}");

        await WebBrowser.SignInAsync(page, "alice", "alice123");

        await Assertions.Expect(page.GetByText("Heat pump").First).ToBeVisibleAsync();
        // Just after midnight at the device's site its day is empty until the first minute is reported.
        await Assertions.Expect(page.GetByRole(AriaRole.Application)).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 90_000 });
        await Assertions.Expect(page.GetByText("Car charger")).ToHaveCountAsync(0);
        var violations = await Axe.ViolationsAsync(page);
        await WebBrowser.ShowWholeAsync(page);
        await WebBrowser.ScreenshotAsync(page, $"consumption-{name}");

        Assert.Empty(violations);
        _browser.HasNoErrors();
    }

    [Fact]
    public async Task A_wrong_password_is_said_clearly_and_signing_out_ends_the_session()
    {
        var page = await _browser.OpenAsync(1280, 860, ColorScheme.Light);
        await WebBrowser.SignInAsync(page, "bob", "wrong");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();

        await WebBrowser.SignInAsync(page, "bob", "bob123");
        await Assertions.Expect(page.GetByText("Car charger").First).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Account of bob" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new PageGetByRoleOptions { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Username")).ToBeVisibleAsync();
        await page.GotoAsync("/");
        await Assertions.Expect(page.GetByLabel("Username")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_browser_holds_no_token()
    {
        var page = await _browser.OpenAsync(1280, 860, ColorScheme.Light);
        await WebBrowser.SignInAsync(page, "alice", "alice123");
        await Assertions.Expect(page.GetByText("Heat pump").First).ToBeVisibleAsync();

        Assert.DoesNotContain("eyJ", await page.EvaluateAsync<string>("JSON.stringify([localStorage, sessionStorage, document.cookie])"), StringComparison.Ordinal);
        var cookies = await page.Context.CookiesAsync();
        Assert.All(cookies, cookie => Assert.True(cookie.HttpOnly && cookie.SameSite == SameSiteAttribute.Strict));
        _browser.HasNoErrors();
    }

    [Fact]
    public async Task Registering_brings_no_token_to_a_person_or_to_the_admin_who_makes_an_account()
    {
        var page = await _browser.OpenAsync(1280, 860, ColorScheme.Light, "/register");
        var name = $"nadia{Guid.NewGuid():N}"[..16];
        var live = new TaskCompletionSource();
        page.WebSocket += (_, socket) =>
        {
            if (new Uri(socket.Url).AbsolutePath == "/api/monitoring/live")
                socket.FrameReceived += (_, _) => live.TrySetResult();
        };

        var own = await EnterAsync(name, "Create account", "/session/register");
        // A sign-out cuts the account's live connection; one that isn't open yet would be an error in the browser's console.
        await live.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await page.GetByRole(AriaRole.Button, new() { Name = $"Account of {name}" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Sign out" }).ClickAsync();
        await WebBrowser.SignInAsync(page, "admin", "admin123");
        await page.GetByRole(AriaRole.Button, new() { Name = "Account of admin" }).WaitForAsync();
        await page.GotoAsync("/users/new");
        var others = await EnterAsync($"{name}-2", "Create user", "/session/accounts");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"{name}-2", Level = 1 })).ToBeVisibleAsync();

        Assert.Matches($$$"""^{"user":{"id":"[^"]*","username":"{{{name}}}","role":"client"},"version":"[^"]*","currency":"EUR"}$""", own);
        Assert.Matches($$$"""^{"user":{"id":"[^"]*","username":"{{{name}}}-2","role":"client"}}$""", others);
        _browser.HasNoErrors();

        async Task<string> EnterAsync(string username, string button, string path)
        {
            await page.GetByLabel("Username", new() { Exact = true }).FillAsync(username);
            // An admin enters it once.
            foreach (var password in await page.Locator("input[type=password]").AllAsync())
                await password.FillAsync("sunny-roof-7");

            var answer = await page.RunAndWaitForResponseAsync(
                () => page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync(), response => new Uri(response.Url).AbsolutePath == path);
            return await answer.TextAsync();
        }
    }

    [Fact]
    public async Task An_admin_authorizes_on_the_page_of_documents_and_sends_a_request_from_it()
    {
        var page = await _browser.OpenAsync(1280, 860, ColorScheme.Light);
        await page.GotoAsync("/api/docs#identity/tag/accounts/GET/api/auth/users");
        // The page draws itself anew with every document that it has read, and forgets a window that was opened before.
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        var popup = await page.RunAndWaitForPopupAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Authorize" }).First.ClickAsync());
        await Assertions.Expect(popup.GetByText("the API documents")).ToBeVisibleAsync();
        var violations = await Axe.ViolationsAsync(popup);
        await WebBrowser.ShowWholeAsync(popup);
        await WebBrowser.ScreenshotAsync(popup, "sign-in-page");
        await WebBrowser.SignInAsync(popup, "admin", "wrong");
        await Assertions.Expect(popup.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        var tokens = await page.RunAndWaitForResponseAsync(
            () => WebBrowser.SignInAsync(popup, "admin", "admin123"), response => new Uri(response.Url).AbsolutePath == "/connect/token");
        Assert.Equal(200, tokens.Status);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Authorize", Exact = true })).ToHaveCountAsync(0);

        // The browser has no session with the gateway, so only the token can open this.
        await page.GetByRole(AriaRole.Button, new() { Name = "Test Request (get /api/auth/users)", Exact = true }).ClickAsync();
        var answer = await page.RunAndWaitForResponseAsync(
            () => page.Locator("[data-addressbar-action=send]").Filter(new() { Visible = true }).ClickAsync(),
            response => new Uri(response.Url).AbsolutePath == "/api/auth/users");
        Assert.StartsWith("Bearer ey", (await answer.Request.HeaderValueAsync("Authorization")) ?? "nothing", StringComparison.Ordinal);
        Assert.Equal(200, answer.Status);
        Assert.Contains("\"alice\"", await answer.TextAsync(), StringComparison.Ordinal);

        Assert.Empty(violations);
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();
}
