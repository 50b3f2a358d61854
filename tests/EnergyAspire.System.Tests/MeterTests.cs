using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>An operator replaces the meter of a device, and takes it back.</summary>
public sealed class MeterTests(SystemFixture system)
{
    [Fact]
    public async Task What_the_new_meter_sends_is_the_device_s_also_what_came_before_it_was_entered()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        using var created = await admin.PostAsJsonAsync(
            new Uri("/api/devices", UriKind.Relative),
            new { name = $"Boiler {Guid.NewGuid():N}"[..14], max_consumption = 5, time_zone = "UTC", reporting_interval_seconds = 3600 });
        var device = (await created.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("device").GetProperty("id").GetGuid();
        var (meter, hour) = (Guid.NewGuid(), SystemFixture.ThisHour());
        await system.PublishAsync(device, hour.AddHours(-3), 1m);
        await system.PublishAsync(meter, hour.AddHours(-1), 2m);
        await Eventually.TrueAsync(async () => (await MeasurementsAsync()).Length == 1, "the old meter's reading is stored");

        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, $"/devices/{device}/edit");
        await WebBrowser.SignInAsync(page, "admin", "admin123");
        await WebBrowser.PressAsync(page, "Replace the meter");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Id of the new meter" }).FillAsync(meter.ToString());
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Since now" }).UncheckAsync();
        await page.GetByLabel("Measures since").FillAsync(hour.AddHours(-2).UtcDateTime.ToString("yyyy-MM-ddTHH:mm"));
        await WebBrowser.KeepAsync(page, "meter-replace-operator-desktop-light");
        await WebBrowser.PressAsync(page, "Save");
        await Assertions.Expect(page.GetByText("The meter is replaced.").First).ToBeVisibleAsync();
        await page.GetByText("Earlier meters (1)").ClickAsync();
        await WebBrowser.KeepAsync(page, "meter-replaced-operator-desktop-light");

        await Eventually.TrueAsync(async () => (await MeasurementsAsync()) is [2m, 1m], "the new meter's reading is the device's too");
        await WebBrowser.PressAsync(page, "Undo the replacement");
        await Assertions.Expect(page.GetByText("The replacement is undone.").First).ToBeVisibleAsync();
        await Eventually.TrueAsync(async () => (await MeasurementsAsync()) is [1m], "the new meter's reading is taken back");

        // Other tests look at the silent devices.
        (await admin.DeleteAsync(new Uri($"/api/devices/{device}", UriKind.Relative))).EnsureSuccessStatusCode();
        browser.HasNoErrors();

        // Newest first; empty while Monitoring doesn't know the device.
        async Task<decimal[]> MeasurementsAsync()
        {
            using var answer = await admin.GetAsync(new Uri($"/api/monitoring/measurements?device_id={device}&limit=10", UriKind.Relative));
            return !answer.IsSuccessStatusCode
                ? []
                : [.. (await answer.Content.ReadFromJsonAsync<JsonElement[]>())!.Select(reading => reading.GetProperty("measurement_value").GetDecimal())];
        }
    }
}
