using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>What operators do when something is wrong, in Debian's Chromium.</summary>
public sealed class OperatorTests(SystemFixture system) : IAsyncLifetime
{
    private const string Password = "sunny-roof-7";

    private WebBrowser _browser = null!;
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        _browser = await WebBrowser.StartAsync(system.Shipped);
        _page = await _browser.OpenAsync(1440, 900, ColorScheme.Light);
        await WebBrowser.SignInAsync(_page, "admin", "admin123");
        await Assertions.Expect(_page.GetByRole(AriaRole.Button, new() { Name = "Account of admin" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Somebody_is_locked_out_until_a_time_and_told_so()
    {
        var name = $"lena{Guid.NewGuid():N}"[..12];
        using var client = await system.SignInAsync("admin", "admin123");
        using var registered = await client.PostAsJsonAsync(new Uri("/api/auth/register", UriKind.Relative), new { username = name, password = Password });
        var id = (await registered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid();

        await _page.GotoAsync($"/users/{id}");
        await PressAsync("Lock");
        await PressAsync("Until a time");
        // The browser's clock is Berlin's.
        await _page.GetByLabel("Locked until").FillAsync(DateTime.UtcNow.AddDays(2).ToString("yyyy-MM-dd'T'08:30", null));
        await KeepAsync("user-lock");
        await _page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Lock", Exact = true }).ClickAsync();
        await Assertions.Expect(_page.GetByText("Locked until").First).ToBeVisibleAsync();
        await Assertions.Expect(_page.GetByRole(AriaRole.Region, new() { Name = "Access" })).ToContainTextAsync("08:30");

        var other = await _browser.OpenAsync(1440, 900, ColorScheme.Light);
        await WebBrowser.SignInAsync(other, name, Password);
        await Assertions.Expect(other.GetByRole(AriaRole.Alert)).ToContainTextAsync("An administrator has locked this account for a while. Try again after");
        await Assertions.Expect(other.GetByRole(AriaRole.Alert)).ToContainTextAsync("08:30");
        await PressAsync("Unlock");
        await Assertions.Expect(_page.GetByText($"{name} can sign in again.").First).ToBeVisibleAsync();
        await WebBrowser.SignInAsync(other, name, Password);
        await Assertions.Expect(other.GetByRole(AriaRole.Button, new() { Name = $"Account of {name}" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_discarded_reading_is_found_among_the_discarded()
    {
        // Of a device that nobody knows: it may be accepted later, so it can be tried again.
        var body = $$"""{"timestamp": "{{DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture)}}", "device_id": "{{Guid.NewGuid()}}", "measurement_value": 0.1}""";
        await system.PublishAsync([body]);
        await _page.GotoAsync("/system/quarantine");
        var row = _page.GetByRole(AriaRole.Row).Filter(new() { HasText = body });
        // The list is asked for again when the page is.
        await Testing.Eventually.TrueAsync(
            async () =>
            {
                await _page.ReloadAsync();
                await _page.GetByRole(AriaRole.Table, new() { Name = "Quarantined readings" }).Or(_page.GetByText("Nothing is in quarantine")).WaitForAsync();
                return await row.CountAsync() == 1;
            },
            "the message is in quarantine");

        await row.GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);
        await PressAsync("Discarded");
        await Assertions.Expect(row).ToBeVisibleAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Assertions.Expect(_page.GetByText("The reading was not accepted, and is open again.").First).ToBeVisibleAsync();

        _browser.HasNoErrors();
    }

    [Fact]
    public async Task Keys_are_rotated_unnoticed_and_retired_with_every_session()
    {
        await _page.GotoAsync("/system");
        await PressAsync("Rotate keys");
        await Assertions.Expect(_page.GetByText("New keys are published, and sign from").First).ToBeVisibleAsync();
        await _page.GotoAsync("/system/audit?action=keys_rotated");
        await Assertions.Expect(_page.GetByText("rotated the signing keys").Last).ToBeVisibleAsync();
        _browser.HasNoErrors();

        await _page.GotoAsync("/system");
        await PressAsync("Retire leaked keys");
        await Assertions.Expect(_page.GetByRole(AriaRole.Alertdialog)).ToBeVisibleAsync();
        await KeepAsync("keys-retire");
        await PressAsync("Retire keys");
        await Assertions.Expect(_page.GetByText("Your session has ended")).ToBeVisibleAsync();

        // Back on the same page, where every service takes the new token.
        await WebBrowser.SignInAsync(_page, "admin", "admin123");
        await Assertions.Expect(_page.GetByRole(AriaRole.Heading, new() { Name = "Health" })).ToBeVisibleAsync();
        await Assertions.Expect(_page.GetByText("Answers", new() { Exact = true })).ToHaveCountAsync(4);
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    private Task PressAsync(string button) => _page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Looks for what is inaccessible, and keeps a picture.</summary>
    private async Task KeepAsync(string name)
    {
        Assert.Empty(await Axe.ViolationsAsync(_page));
        await WebBrowser.ScreenshotAsync(_page, $"{name}-operator-desktop-light");
    }
}
