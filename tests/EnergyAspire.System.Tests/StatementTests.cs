using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>A household looks at the statement of its last month, prints it and downloads it.</summary>
public sealed class StatementTests(SystemFixture system)
{
    private const string Password = "sunny-roof-7";

    // The devices are in UTC.
    private static readonly DateTimeOffset End = new(DateTime.UtcNow.Year, DateTime.UtcNow.Month, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Start = End.AddMonths(-1);

    [Fact]
    public async Task A_household_sees_and_prints_what_its_month_comes_to()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        var mark = Guid.NewGuid().ToString("N")[..8];
        var user = $"mona{mark}";
        var owner = (await PostAsync(admin, "/api/auth/register", new { username = user, password = Password, fname = "Mona", lname = "Lind" }))
            .GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid();
        var tariff = (await PostAsync(admin, "/api/tariffs", new
        {
            name = $"Day and night {mark}",
            currency = "CHF",
            prices = new object[]
            {
                new { unit_price = 0.34m, times = new[] { new { unit_price = 0.27m, from_hour = 22, until_hour = 6 } }, base_price_per_month = 11.9m },
                new { from = $"{Start.AddDays(14):yyyy-MM-dd}", unit_price = 0.36m, times = new[] { new { unit_price = 0.27m, from_hour = 22, until_hour = 6 } }, base_price_per_month = 12.9m },
            },
        })).GetProperty("tariff").GetProperty("id").GetGuid();
        var heating = await DeviceAsync(admin, owner, new { name = $"Heating {mark}", max_consumption = 50, time_zone = "UTC", reporting_interval_seconds = 3600, register_digits = 6 });
        var charger = await DeviceAsync(admin, owner, new { name = $"Car charger {mark}", max_consumption = 50, price = 0.32m, time_zone = "UTC", reporting_interval_seconds = 3600 });
        using var given = await admin.PutAsJsonAsync(
            new Uri($"/api/devices/{heating}/tariffs", UriKind.Relative), new { tariffs = new[] { new { tariff_id = tariff, from = $"{Start:yyyy-MM-dd}" } } });
        given.EnsureSuccessStatusCode();
        var hours = (int)(End - Start).TotalHours;
        await system.PublishAsync(Enumerable.Range(-1, hours + 3).Chunk(240).Select(some => JsonSerializer.Serialize(some.SelectMany(hour => new[]
        {
            Reading(heating, hour, "register_value", 12_000 + (1.25m * hour)), Reading(charger, hour, "measurement_value", hour % 24 < 5 ? 2.4m : 0),
        }))));
        var address = $"/api/monitoring/statement?month={Start:yyyy-MM}&device_id={heating}&device_id={charger}";
        var statement = await Eventually.GetAsync(
            async () => await admin.GetFromJsonAsync<JsonElement>(new Uri(address, UriKind.Relative)),
            answer => answer.GetProperty("devices").EnumerateArray().All(device =>
                device.GetProperty("measurement_count").GetInt32() == hours && device.GetProperty("is_final").GetBoolean()), "the month is counted");

        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, "/statement");
        await WebBrowser.SignInAsync(page, user, Password);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Statement for {Start.ToString("MMMM yyyy", CultureInfo.InvariantCulture)}" })).ToBeVisibleAsync();
        var total = page.GetByRole(AriaRole.Region, new() { Name = "Total" });
        foreach (var currency in statement.GetProperty("totals").EnumerateArray())
            await Assertions.Expect(total).ToContainTextAsync(currency.GetProperty("amount").GetDecimal().ToString("0.00", CultureInfo.InvariantCulture));
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = $"Heating {mark}" }).GetByText($"{12_000 + (1.25m * hours):#,0.000} kWh")).ToBeVisibleAsync();
        await WebBrowser.KeepAsync(page, "statement-prices-household-desktop-light");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download CSV" }).ClickAsync());
        Assert.Equal($"statement-{Start:yyyy-MM}.csv", download.SuggestedFilename);
        Assert.StartsWith("month,device_id,", await File.ReadAllTextAsync(await download.PathAsync()));

        await page.SetViewportSizeAsync(390, 844);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await WebBrowser.KeepAsync(page, "statement-prices-household-phone-dark");
        Assert.Equal(390, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));

        // A sheet of A4, on which nothing is left that only a screen needs.
        await page.SetViewportSizeAsync(794, 1123);
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Assertions.Expect(page.GetByRole(AriaRole.Navigation)).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByText($"Mona Lind ({user})")).ToBeVisibleAsync();
        Assert.Equal("rgb(255, 255, 255)", await page.EvaluateAsync<string>("getComputedStyle(document.documentElement).backgroundColor"));
        await WebBrowser.ScreenshotAsync(page, "statement-household-print");
        await page.PdfAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "screens", "statement.pdf"), Format = "A4", PreferCSSPageSize = true });

        // Other tests look at the silent devices.
        foreach (var device in new[] { heating, charger })
            (await admin.DeleteAsync(new Uri($"/api/devices/{device}", UriKind.Relative))).EnsureSuccessStatusCode();
        browser.HasNoErrors();
    }

    private static Dictionary<string, object> Reading(Guid device, int hour, string field, decimal value) => new(StringComparer.Ordinal)
    {
        ["timestamp"] = Start.AddHours(hour).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["device_id"] = device,
        [field] = value,
    };

    private static async Task<Guid> DeviceAsync(HttpClient admin, Guid owner, object device)
    {
        var id = (await PostAsync(admin, "/api/devices", device)).GetProperty("device").GetProperty("id").GetGuid();
        await PostAsync(admin, "/api/mappings/assign", new { user_id = owner, device_id = id, from = Start.AddDays(-2) });

        return id;
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }
}
