using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>An operator adds a tariff and gives it to a device; its costs follow, those of before stay, and the household sees both.</summary>
public sealed class TariffTests(SystemFixture system)
{
    [Fact]
    public async Task A_device_costs_what_its_tariff_says_from_its_first_day_on()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        var mark = Guid.NewGuid().ToString("N")[..8];
        using var created = await admin.PostAsJsonAsync(
            new Uri("/api/devices", UriKind.Relative),
            new { name = $"Cooker {mark}", max_consumption = 5, price = 0.25m, time_zone = "UTC", reporting_interval_seconds = 3600 });
        var device = (await created.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("device").GetProperty("id").GetGuid();
        using var assigned = await admin.PostAsJsonAsync(
            new Uri("/api/mappings/assign", UriKind.Relative), new { user_id = ServiceDefaults.DevelopmentData.Alice, device_id = device, from = DateTimeOffset.UtcNow.AddDays(-10) });
        assigned.EnsureSuccessStatusCode();
        var today = DateTime.UtcNow.Date;
        var (yesterday, before) = (new DateTimeOffset(today.AddDays(-1), TimeSpan.Zero), new DateTimeOffset(today.AddDays(-2), TimeSpan.Zero));
        foreach (var hour in new[] { 12, 23 })
        {
            await system.PublishAsync(device, before.AddHours(hour), 2m);
            await system.PublishAsync(device, yesterday.AddHours(hour), 2m);
        }

        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, "/tariffs/new");
        await WebBrowser.SignInAsync(page, "admin", "admin123");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "New tariff" })).ToBeVisibleAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync($"Day and night {mark}");
        await page.GetByLabel("Price per kWh", new() { Exact = true }).FillAsync("0.40");
        await page.GetByLabel("Base price a day").FillAsync("0.50");
        await WebBrowser.PressAsync(page, "Add a time with another price");
        await page.GetByLabel("Price per kWh", new() { Exact = true }).Nth(1).FillAsync("0.30");
        await WebBrowser.KeepAsync(page, "tariff-new-filled-operator-desktop-light");
        await WebBrowser.PressAsync(page, "Add tariff");
        await Assertions.Expect(page.GetByText("is added. Devices get it on their page.").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search by name" }).FillAsync(mark);
        await Assertions.Expect(page.GetByText("€0.50 a day")).ToBeVisibleAsync();
        await WebBrowser.KeepAsync(page, "tariffs-filled-operator-desktop-light");

        await page.GotoAsync($"/devices/{device}/edit");
        await WebBrowser.PressAsync(page, "Change the tariff");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Tariff" }).SelectOptionAsync(new SelectOptionValue { Label = $"Day and night {mark} (EUR)" });
        await page.GetByLabel("First day").FillAsync($"{yesterday:yyyy-MM-dd}");
        await WebBrowser.KeepAsync(page, "tariff-of-device-operator-desktop-light");
        await WebBrowser.PressAsync(page, "Save");
        await Assertions.Expect(page.GetByText("The tariff is changed.").First).ToBeVisibleAsync();
        // Two at noon, two at night, and the day's base price.
        await Eventually.TrueAsync(async () => await CostAsync(yesterday) == (1.40m, 0.50m), "the tariff's cost of yesterday");
        Assert.Equal((1.00m, null), await CostAsync(before));

        var household = await browser.OpenAsync(390, 844, ColorScheme.Dark, $"/consumption/{device}?date={yesterday:yyyy-MM-dd}");
        await WebBrowser.SignInAsync(household, "alice", "alice123");
        await Assertions.Expect(household.GetByText("€1.90")).ToBeVisibleAsync();
        await Assertions.Expect(household.GetByText("with €0.50 base price")).ToBeVisibleAsync();
        await WebBrowser.KeepAsync(household, "tariff-cost-household-phone-dark");

        // Other tests look at the silent devices.
        (await admin.DeleteAsync(new Uri($"/api/devices/{device}", UriKind.Relative))).EnsureSuccessStatusCode();
        browser.HasNoErrors();

        async Task<(decimal Cost, decimal? Base)> CostAsync(DateTimeOffset day)
        {
            var answer = await admin.GetFromJsonAsync<JsonElement>(new Uri($"/api/monitoring/hourly/daily?device_id={device}&date={day:yyyy-MM-dd}", UriKind.Relative));
            return (
                answer.GetProperty("total_cost") is { ValueKind: JsonValueKind.Number } cost ? cost.GetDecimal() : 0,
                answer.GetProperty("base_cost") is { ValueKind: JsonValueKind.Number } price ? price.GetDecimal() : null);
        }
    }
}
