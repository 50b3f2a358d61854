using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>A tenant moves out and another one moves in: an operator hands the meter over, and each sees the own time.</summary>
public sealed class TenantTests(SystemFixture system)
{
    private const string Password = "sunny-roof-7";

    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Fact]
    public async Task Each_tenant_sees_what_was_measured_in_their_own_time()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        var mark = Guid.NewGuid().ToString("N")[..8];
        var (outgoing, incoming, meter) = ($"olga{mark}", $"ina{mark}", $"Flat {mark}");
        var leaving = await RegisterAsync(admin, outgoing);
        await RegisterAsync(admin, incoming);
        var device = (await PostAsync(admin, "/api/devices", new
        {
            name = meter,
            max_consumption = 5,
            price = 0.25m,
            time_zone = Berlin.Id,
            reporting_interval_seconds = 3600,
        })).GetProperty("device").GetProperty("id").GetGuid();
        await PostAsync(admin, "/api/mappings/assign", new { user_id = leaving, device_id = device, from = DateTimeOffset.UtcNow.AddDays(-10) });
        var yesterday = TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, Berlin).Date.AddDays(-1);
        var midnight = new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(yesterday, Berlin), TimeSpan.Zero);
        for (var hour = 0; hour < 20; hour++)
            await system.PublishAsync(device, midnight.AddHours(hour), 1m);
        await CountAsync(admin, device, yesterday, 20);

        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, $"/devices/{device}/edit");
        await WebBrowser.SignInAsync(page, "admin", "admin123");
        await WebBrowser.PressAsync(page, $"Remove {outgoing}");
        await Assertions.Expect(page.GetByText($"{outgoing} is no longer assigned.").First).ToBeVisibleAsync();
        await WebBrowser.PressAsync(page, "Assign people");
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search by username" }).FillAsync(incoming);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = incoming }).CheckAsync();
        await WebBrowser.PressAsync(page, "Assign 1 person");
        await Assertions.Expect(page.GetByText($"{incoming} is assigned.").First).ToBeVisibleAsync();
        await page.GetByText("Before (1)").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.List, new() { Name = "Before" }).GetByRole(AriaRole.Link, new() { Name = outgoing })).ToBeVisibleAsync();
        await WebBrowser.KeepAsync(page, "handover-operator-desktop-light");
        await WebBrowser.PressAsync(page, $"Change since when {incoming} is assigned");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Since when?" })).ToBeVisibleAsync();
        await WebBrowser.KeepAsync(page, "handover-since-operator-desktop-light");
        await WebBrowser.PressAsync(page, "Cancel");

        var former = await browser.OpenAsync(390, 844, ColorScheme.Dark, "/consumption");
        await WebBrowser.SignInAsync(former, outgoing, Password);
        await Assertions.Expect(former.GetByText("Yours until").Last).ToBeVisibleAsync();
        await former.GotoAsync($"/consumption/{device}?date={yesterday:yyyy-MM-dd}");
        await Assertions.Expect(former.GetByRole(AriaRole.Application, new() { Name = "Total 20\u00a0kWh" })).ToBeVisibleAsync();
        await Assertions.Expect(former.GetByText("5.00").First).ToBeVisibleAsync();
        await WebBrowser.KeepAsync(former, "handover-household-phone-dark");
        await former.GotoAsync("/");
        await Assertions.Expect(former.GetByText("No devices yet")).ToBeVisibleAsync();

        var current = await browser.OpenAsync(1440, 900, ColorScheme.Light, $"/consumption/{device}?date={yesterday:yyyy-MM-dd}");
        await WebBrowser.SignInAsync(current, incoming, Password);
        await Assertions.Expect(current.GetByText("No readings on this day")).ToBeVisibleAsync();
        await current.GotoAsync($"/consumption/{device}");
        // The running hour is the new owner's, and no part of the reading is tomorrow's.
        await system.PublishAsync(device, SystemFixture.ThisHour(), 0.5m);
        await Assertions.Expect(current.GetByRole(AriaRole.Application, new() { Name = "Total 500\u00a0Wh" })).ToBeVisibleAsync();
        await WebBrowser.KeepAsync(current, "handover-household-desktop-light");

        // Other tests look at the silent devices.
        (await admin.DeleteAsync(new Uri($"/api/devices/{device}", UriKind.Relative))).EnsureSuccessStatusCode();
        browser.HasNoErrors();
    }

    private static async Task<Guid> RegisterAsync(HttpClient admin, string username) =>
        (await PostAsync(admin, "/api/auth/register", new { username, password = Password })).GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid();

    private static async Task<JsonElement> PostAsync(HttpClient admin, string path, object body)
    {
        using var answer = await admin.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    private static Task CountAsync(HttpClient admin, Guid device, DateTime date, int readings) => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await admin.GetAsync(new Uri($"/api/monitoring/hourly/daily?device_id={device}&date={date:yyyy-MM-dd}", UriKind.Relative));
            return answer.IsSuccessStatusCode && (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("measurement_count").GetInt32() == readings;
        },
        $"{readings} readings are counted");
}
