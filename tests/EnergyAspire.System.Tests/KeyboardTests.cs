using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>What people do every day, by keys alone: no pointer is ever used here.</summary>
public sealed class KeyboardTests(SystemFixture system) : IAsyncLifetime
{
    private WebBrowser _browser = null!;
    private IPage _page = null!;
    private KeyboardUser _keys = null!;

    public async ValueTask InitializeAsync()
    {
        _browser = await WebBrowser.StartAsync(system.Shipped);
        _page = await _browser.OpenAsync(1440, 900, ColorScheme.Light);
        _keys = new KeyboardUser(_page);
    }

    [Fact]
    public async Task Looking_at_days_months_and_years_needs_no_pointer()
    {
        await SignInAsync("alice");

        // Past the navigation at once, or through all of it.
        await _page.Keyboard.PressAsync("Tab");
        await _keys.ExpectFocusAsync("Skip to content");
        await _keys.PressAsync("Enter");
        Assert.Equal("content", await _page.EvaluateAsync<string>("document.activeElement.id"));
        await _page.Keyboard.PressAsync("Tab");
        Assert.True(await _page.EvaluateAsync<bool>("document.getElementById('content').contains(document.activeElement)"));
        foreach (var place in new[] { "Overview", "Consumption", "Alerts", "Theme", "Account of alice" })
            await _keys.GoToAsync(place);

        await _keys.GoToAsync("Consumption");
        await _keys.PressAsync("Enter");
        await AtAsync(IsToday);
        await _keys.ExpectFocusAsync("Consumption");

        // A day back and forward again; what can't go further keeps the focus.
        await _keys.GoToAsync("Previous day");
        await _keys.PressAsync("Enter");
        await AtAsync(address => Has(address, "date="));
        await _keys.ExpectFocusAsync("Previous day");
        await _keys.GoToAsync("Next day");
        await _keys.PressAsync("Space");
        await AtAsync(IsToday);
        await _keys.ExpectFocusAsync("Next day");
        await _keys.PressAsync("ArrowLeft");
        await AtAsync(address => Has(address, "date="));
        await _keys.PressAsync("t");
        await AtAsync(IsToday);

        // The calendar.
        await _keys.GoToAsync("Previous day", "Shift+Tab");
        await _page.Keyboard.PressAsync("Tab");
        var trigger = await _keys.FocusedAsync();
        Assert.Contains("choose another day", trigger!, StringComparison.Ordinal);
        await _keys.PressAsync("Enter");
        await Assertions.Expect(_page.GetByRole(AriaRole.Grid)).ToBeVisibleAsync();
        await _keys.ExpectFocusAsync(await FocusedDayAsync());
        var today = await _keys.FocusedAsync();
        await _keys.PressAsync("ArrowLeft");
        Assert.NotEqual(today, await _keys.FocusedAsync());
        await _keys.PressAsync("Escape");
        await Assertions.Expect(_page.GetByRole(AriaRole.Grid)).ToHaveCountAsync(0);
        await _keys.ExpectFocusAsync(trigger!);

        foreach (var (length, key) in new[] { ("Month", "Space"), ("Year", "Enter"), ("Day", "Space") })
        {
            await _keys.GoToAsync(length, "Shift+Tab");
            await _keys.PressAsync(key);
            await Assertions.Expect(_page.GetByRole(AriaRole.Button, new() { Name = length, Exact = true, Pressed = true })).ToBeVisibleAsync();
            await _keys.ExpectFocusAsync(length);
        }

        // A comparison, on and off.
        await _keys.GoToAsync("Compare");
        await _keys.PressAsync("Enter");
        await _keys.GoToAsync("With", "ArrowDown");
        await _keys.PressAsync("Enter");
        await AtAsync(address => Has(address, "compare="));
        await _keys.PressAsync("Enter");
        await _keys.GoToAsync("No comparison", "ArrowUp");
        await _keys.PressAsync("Enter");
        await AtAsync(IsToday);
        await _keys.ExpectFocusAsync("Compare");

        await _keys.GoToAsync("Export as CSV");
        var file = await _page.RunAndWaitForDownloadAsync(() => _page.Keyboard.PressAsync("Enter"));
        Assert.EndsWith(".csv", file.SuggestedFilename, StringComparison.Ordinal);

        _browser.HasNoErrors();
    }

    [Fact]
    public async Task Alerts_are_acknowledged_one_after_the_other()
    {
        // Older than what the other tests publish: two hours over the heat pump's limit.
        var hour = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(-120).AddHours(6);
        await system.PublishAsync(DevelopmentData.HeatPump, hour, 4m);
        await system.PublishAsync(DevelopmentData.HeatPump, hour.AddHours(3), 5m);
        using var client = await system.SignInAsync("alice", "alice123");
        await Eventually.TrueAsync(async () => await OpenAlertsAsync(client) >= 2, "the alerts are raised");
        await SignInAsync("alice");
        await _keys.GoToAsync("Alerts");
        await _keys.PressAsync("Enter");
        await ArriveAsync("Alerts", address => address.AbsolutePath == "/alerts");

        await _keys.GoToAsync("Acknowledge Heat pump");
        for (var alert = 0; alert < 2; alert++)
        {
            var (before, name) = (await OpenAlertsAsync(client), await _keys.FocusedAsync());
            await _keys.PressAsync("Enter");
            await Eventually.TrueAsync(async () => await OpenAlertsAsync(client) < before, "the alert is acknowledged");
            await Assertions.Expect(_page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true })).ToHaveCountAsync(0);
            // The next one is at hand, or the page, when it was the last.
            await _keys.ExpectFocusAsync();
        }

        _browser.HasNoErrors();
    }

    [Fact]
    public async Task Operators_create_assign_undo_and_leave()
    {
        await SignInAsync("admin");
        foreach (var place in new[] { "Overview", "Consumption", "Alerts", "Users", "Devices", "System" })
            await _keys.GoToAsync(place);

        await _keys.GoToAsync("Users", "Shift+Tab");
        await _keys.PressAsync("Enter");
        await ArriveAsync("Users", address => address.AbsolutePath == "/users");
        await _keys.GoToAsync("New user");
        await _keys.PressAsync("Enter");
        await ArriveAsync("New user", address => address.AbsolutePath == "/users/new");
        var username = $"keys-{Guid.NewGuid():N}"[..12];
        await _keys.GoToAsync("Username");
        await _keys.TypeAsync(username);
        await _keys.GoToAsync("Role");
        await _keys.PressAsync("ArrowDown");
        await _keys.PressAsync("ArrowUp");
        await _keys.GoToAsync("Password");
        await _keys.TypeAsync("correct horse battery");
        await _keys.PressAsync("Enter");
        await ArriveAsync(username, address => Guid.TryParse(address.Segments[^1], out _));

        await _keys.GoToAsync("Devices", "Shift+Tab");
        await _keys.PressAsync("Enter");
        await ArriveAsync("Devices", address => address.AbsolutePath == "/devices");
        await _keys.GoToAsync("Kitchen");
        await _keys.PressAsync("Enter");
        await ArriveAsync("Kitchen", address => address.Segments[^1] == "edit");

        // Assigned, and taken back by the notice that says so.
        await _keys.GoToAsync("Assign people");
        await _keys.PressAsync("Enter");
        await _keys.ExpectFocusAsync("Search by");
        await _keys.TypeAsync(username);
        var choices = _page.GetByRole(AriaRole.Checkbox);
        await Assertions.Expect(choices).ToHaveCountAsync(1);
        await _keys.GoToAsync(username);
        await _keys.PressAsync("Space");
        await _keys.GoToAsync("Assign 1 person");
        await _keys.PressAsync("Enter");
        await _keys.ExpectFocusAsync("Assign people");
        var person = _page.GetByRole(AriaRole.List, new() { Name = "People" }).GetByRole(AriaRole.Link, new() { Name = username });
        await Assertions.Expect(person).ToBeVisibleAsync();
        await _keys.PressAsync("F8");
        await _keys.GoToAsync("Undo");
        await _keys.PressAsync("Enter");
        await Assertions.Expect(person).ToHaveCountAsync(0);
        await _keys.ExpectFocusAsync();

        // The careful answer has the focus; Escape gives it too.
        foreach (var answer in new[] { "Escape", "Enter" })
        {
            await _keys.GoToAsync("Delete device");
            await _keys.PressAsync("Enter");
            await Assertions.Expect(_page.GetByRole(AriaRole.Alertdialog)).ToBeVisibleAsync();
            await _keys.ExpectFocusAsync("Cancel");
            await _keys.PressAsync(answer);
            await Assertions.Expect(_page.GetByRole(AriaRole.Alertdialog)).ToHaveCountAsync(0);
            await _keys.ExpectFocusAsync("Delete device");
        }

        await _keys.GoToAsync("Account of admin", "Shift+Tab");
        await _keys.PressAsync("Enter");
        await _keys.GoToAsync("Sign out", "ArrowDown");
        await _keys.PressAsync("Enter");
        await Assertions.Expect(_page.GetByText("You are signed out.")).ToBeVisibleAsync();
        await _keys.ExpectFocusAsync("Username");
        _browser.HasNoErrors();
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    private async Task SignInAsync(string account)
    {
        await _keys.ExpectFocusAsync("Username");
        await _keys.TypeAsync(account);
        await _page.Keyboard.PressAsync("Tab");
        await _keys.ExpectFocusAsync("Password");
        await _keys.TypeAsync($"{account}123");
        await _keys.PressAsync("Enter");
        await Assertions.Expect(_page.GetByRole(AriaRole.Button, new() { Name = $"Account of {account}" })).ToBeVisibleAsync();
        await _page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First.WaitForAsync();
    }

    /// <summary>Waits until a page is there that an Enter has asked for, and the focus with it.</summary>
    private async Task ArriveAsync(string heading, Func<Uri, bool> address)
    {
        await AtAsync(address);
        await Assertions.Expect(_page.GetByRole(AriaRole.Heading, new() { Name = heading, Level = 1 })).ToBeVisibleAsync();
        await _keys.ExpectFocusAsync();
    }

    /// <summary>Waits until the address is as expected. Playwright's own wait for it hangs when the page is there already.</summary>
    private async Task AtAsync(Func<Uri, bool> address)
    {
        for (var turn = 0; turn < 600; turn++)
        {
            if (address(new Uri(_page.Url)))
                return;
            await _page.WaitForTimeoutAsync(50);
        }

        _browser.HasNoErrors($"The keys have led to {_page.Url}, where the focus is at '{await _keys.FocusedAsync() ?? "nothing"}'");
    }

    /// <summary>A device's page as it opens: today, without a comparison.</summary>
    private static bool IsToday(Uri address) => address.AbsolutePath.StartsWith("/consumption/", StringComparison.Ordinal) && !Has(address, "date=") && !Has(address, "compare=");

    private static bool Has(Uri address, string parameter) => address.Query.Contains(parameter, StringComparison.Ordinal);

    private Task<string> FocusedDayAsync() =>
        _page.GetByRole(AriaRole.Gridcell, new() { Selected = true }).GetByRole(AriaRole.Button).GetAttributeAsync("aria-label")!;

    private static async Task<int> OpenAlertsAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>(new Uri("/api/monitoring/alerts?acknowledged=false&limit=1000", UriKind.Relative))).GetArrayLength();
}
