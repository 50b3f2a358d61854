using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>A household looks at what its month will come to, and sets a budget that the month passes.</summary>
public sealed class ForecastTests(SystemFixture system)
{
    private const string Password = "sunny-roof-7";
    private const int Days = 30;

    // Either the forecast passes the budget, or late in the month already what was measured.
    private const string Warning = "over the budget";

    [Fact]
    public async Task A_household_sees_the_forecast_of_its_month_and_is_warned_of_its_budget()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        var mark = Guid.NewGuid().ToString("N")[..8];
        var (user, name) = ($"finn{mark}", $"Boiler {mark}");
        var owner = (await PostAsync(admin, "/api/auth/register", new { username = user, password = Password }))
            .GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid();
        var device = (await PostAsync(admin, "/api/devices", new { name, max_consumption = 5, price = 0.25m, time_zone = "Europe/Berlin", reporting_interval_seconds = 3600 }))
            .GetProperty("device").GetProperty("id").GetGuid();
        var hour = SystemFixture.ThisHour();
        await PostAsync(admin, "/api/mappings/assign", new { user_id = owner, device_id = device, from = hour.AddDays(-Days) });
        await system.PublishAsync(Enumerable.Range(0, Days * 24).Chunk(240).Select(backs => JsonSerializer.Serialize(backs.Select(back => new Dictionary<string, object>
        {
            ["timestamp"] = hour.AddHours(-back).ToString("yyyy-MM-ddTHH:mm:ssZ"),
            ["device_id"] = device,
            ["measurement_value"] = back % 24 < 8 ? 1.5m : 0.5m,
        }))));
        await Eventually.TrueAsync(async () => (await ForecastAsync(admin, device)).GetProperty("history_hours").GetInt32() >= (Days * 24) - 1, "the readings are counted");

        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, $"/consumption/{device}?period=month");
        await WebBrowser.SignInAsync(page, user, Password);
        var forecast = page.Locator("section[aria-labelledby=forecast]");
        await Assertions.Expect(forecast.GetByText("with a probability of 80%").First).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Assertions.Expect(forecast.GetByText("Expected cost")).ToBeVisibleAsync();

        await forecast.GetByRole(AriaRole.Button, new() { Name = "Set a budget" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Textbox, new() { Name = "kWh per month" })).ToBeFocusedAsync();
        await WebBrowser.KeepAsync(page, "budget-household-desktop-light");
        await page.Keyboard.TypeAsync("500");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(forecast.GetByText(Warning)).ToBeVisibleAsync();
        await Assertions.Expect(forecast.GetByRole(AriaRole.Button, new() { Name = "Change the budget" })).ToBeFocusedAsync();
        await WebBrowser.KeepAsync(page, "forecast-household-desktop-light");
        await page.SetViewportSizeAsync(390, 844);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await WebBrowser.KeepAsync(page, "forecast-household-phone-dark");

        await page.GotoAsync("/");
        await Assertions.Expect(page.GetByText(Warning)).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await WebBrowser.KeepAsync(page, "budget-warning-household-phone-dark");

        // Nobody else has this budget.
        Assert.Equal(JsonValueKind.Null, (await ForecastAsync(admin, device)).GetProperty("budget").ValueKind);
        // Other tests look at the silent devices.
        (await admin.DeleteAsync(new Uri($"/api/devices/{device}", UriKind.Relative))).EnsureSuccessStatusCode();
        browser.HasNoErrors();
    }

    private static async Task<JsonElement> ForecastAsync(HttpClient client, Guid device)
    {
        using var answer = await client.GetAsync(new Uri($"/api/monitoring/forecast?device_id={device}", UriKind.Relative));
        return answer.IsSuccessStatusCode
            ? await answer.Content.ReadFromJsonAsync<JsonElement>()
            : JsonSerializer.SerializeToElement(new { history_hours = 0 });
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }
}
