using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>An operator gives a house a two-way meter and a solar roof, and the household sees how much of its production it used.</summary>
public sealed class FeedInTests(SystemFixture system)
{
    private const string Password = "sunny-roof-7";

    [Fact]
    public async Task A_household_sees_what_it_produced_fed_in_and_used_of_it()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        var mark = Guid.NewGuid().ToString("N")[..8];
        var (house, roofName) = ($"Grid {mark}", $"Roof {mark}");
        var owner = (await PostAsync("/api/auth/register", new { username = $"sol{mark}", password = Password, fname = "Sol", lname = "Roof", email = $"{mark}@example.org" }))
            .GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid();
        var grid = (await PostAsync("/api/devices", new { name = house, max_consumption = 5, price = 0.32m, time_zone = "UTC", reporting_interval_seconds = 3600 }))
            .GetProperty("device").GetProperty("id").GetGuid();

        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, $"/devices/{grid}/edit");
        await WebBrowser.SignInAsync(page, "admin", "admin123");
        await WebBrowser.PressAsync(page, "Add the feed-in");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"{house}, feed-in" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = house, Exact = true })).ToBeVisibleAsync();
        var feedIn = Guid.Parse(new Uri(page.Url).Segments[2].TrimEnd('/'));
        await page.GetByLabel("Price per kWh").FillAsync("0.08");
        // Before the registration, so from the beginning.
        await page.GetByLabel("Limit, price and interval are valid from").FillAsync("2020-01-01");
        await WebBrowser.PressAsync(page, "Save");
        await Assertions.Expect(page.GetByText("is saved.").First).ToBeVisibleAsync();
        await WebBrowser.KeepAsync(page, "feed-in-operator-desktop-light");

        await page.GotoAsync("/devices/new");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "New device" })).ToBeVisibleAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(roofName);
        await page.GetByLabel("Limit, kWh per hour").FillAsync("10");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Time zone" }).FillAsync("UTC");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Seconds between readings").FillAsync("3600");
        await page.GetByLabel("Direction of its energy").SelectOptionAsync("production");
        await WebBrowser.PressAsync(page, "Create device");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = roofName })).ToBeVisibleAsync();
        var roof = Guid.Parse(new Uri(page.Url).Segments[2].TrimEnd('/'));

        // Last month the roof produced 2 kWh from 9 to 17 o'clock, of which 1.5 were fed in; the house took 0.4 in the other hours.
        var today = DateTime.UtcNow.Date;
        var month = new DateTimeOffset(today.Year, today.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(-1);
        var days = DateTime.DaysInMonth(month.Year, month.Month);
        foreach (var device in new[] { grid, feedIn, roof })
            await PostAsync("/api/mappings/assign", new { user_id = owner, device_id = device, from = month });
        await Eventually.TrueAsync(
            async () => (await admin.GetAsync(new Uri($"/api/monitoring/hourly/daily?device_id={grid}&device_id={feedIn}&device_id={roof}", UriKind.Relative))).IsSuccessStatusCode,
            "Monitoring knows the devices");
        await ImportAsync(grid, sunny: 0, dark: 0.4m);
        await ImportAsync(roof, sunny: 2, dark: 0);
        // The meter sends both registers under its id. Its first hour was read twice.
        await system.PublishAsync(Enumerable.Range(0, days * 24).Prepend(0).Select(hour => string.Create(CultureInfo.InvariantCulture,
            $$"""{"timestamp": "{{month.AddHours(hour):yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{grid}}", "direction": "production", "measurement_value": {{(IsSunny(hour) ? 1.5m : 0)}}}""")));
        await Eventually.TrueAsync(async () => await FedInAsync() == 12m * days, "the feed-in is counted");

        foreach (var (name, width, height, scheme) in new[] { ("household-desktop-light", 1440, 900, ColorScheme.Light), ("household-phone-dark", 390, 844, ColorScheme.Dark) })
        {
            var home = await browser.OpenAsync(width, height, scheme, $"/?month={month:yyyy-MM}");
            await WebBrowser.SignInAsync(home, $"sol{mark}", Password);
            var balance = home.GetByRole(AriaRole.Region, new() { Name = $"Own production in {month.ToString("MMMM yyyy", CultureInfo.InvariantCulture)}" });
            await Assertions.Expect(balance.GetByText("25% of it used here")).ToBeVisibleAsync();
            // 4 of the 10.4 kWh of a day.
            await Assertions.Expect(balance.GetByText("38% of it from the own production")).ToBeVisibleAsync();
            await balance.ScrollIntoViewIfNeededAsync();
            await WebBrowser.KeepAsync(home, $"balance-{name}");
            await home.GotoAsync($"/consumption/{feedIn}?period=month&date={month:yyyy-MM-dd}");
            await Assertions.Expect(home.GetByText("Earned").First).ToBeVisibleAsync();
            await WebBrowser.KeepAsync(home, $"feed-in-month-{name}");
        }

        // Other tests look at the silent devices.
        foreach (var device in new[] { roof, feedIn, grid })
            (await admin.DeleteAsync(new Uri($"/api/devices/{device}", UriKind.Relative))).EnsureSuccessStatusCode();
        browser.HasNoErrors();

        static bool IsSunny(int hour) => hour % 24 is >= 9 and < 17;

        async Task ImportAsync(Guid device, decimal sunny, decimal dark)
        {
            var lines = Enumerable.Range(0, days * 24).Select(hour => string.Create(CultureInfo.InvariantCulture,
                $"{device},{month.AddHours(hour):yyyy-MM-ddTHH:mm:ssZ},{(IsSunny(hour) ? sunny : dark)}"));
            using var file = new StringContent(string.Join('\n', lines.Prepend("device_id,timestamp,measurement_value")), Encoding.UTF8, "text/csv");
            using var answer = await admin.PostAsync(new Uri("/api/monitoring/readings/import", UriKind.Relative), file);
            Assert.Equal(days * 24, (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("stored").GetInt32());
        }

        async Task<decimal> FedInAsync() => (await admin.GetFromJsonAsync<JsonElement>(new Uri(
                $"/api/monitoring/hourly/range?device_id={feedIn}&start_date={month:yyyy-MM-dd}&end_date={month.AddDays(days - 1):yyyy-MM-dd}&granularity=month", UriKind.Relative)))
            .GetProperty("total_consumption").GetDecimal();

        async Task<JsonElement> PostAsync(string path, object body)
        {
            using var answer = await admin.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
            return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        }
    }
}
