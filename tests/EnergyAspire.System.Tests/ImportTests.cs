using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>An operator imports devices or readings from a file, corrects the lines that failed, and imports those.</summary>
public sealed class ImportTests(SystemFixture system)
{
    [Fact]
    public async Task Devices_of_a_file_are_there_with_their_users_and_what_failed_is_corrected_and_imported()
    {
        var mark = $"Imp{Guid.NewGuid():N}"[..10];
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, "/devices");
        await WebBrowser.SignInAsync(page, "admin", "admin123");
        await page.GetByRole(AriaRole.Link, new() { Name = "Import" }).ClickAsync();
        var template = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Template" }).ClickAsync());
        Assert.Equal("devices.csv", template.SuggestedFilename);

        await ChooseAsync($"""
            external_id;name;max_consumption;price;username
            {mark}-1;Boiler {mark};2,5;0,32;bob
            {mark}-2;Pump {mark};much;-1;nobody
            {mark}-3;Oven {mark};2,5;;
            """);
        await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "Lines with problems" })).ToContainTextAsync("There is no user “nobody”.");
        await WebBrowser.KeepAsync(page, "device-import-preview-operator-desktop-light");
        await page.SetViewportSizeAsync(390, 844);
        await WebBrowser.KeepAsync(page, "device-import-preview-operator-phone-light");
        await WebBrowser.PressAsync(page, "Import 2 devices");
        await Assertions.Expect(page.GetByText("The import is finished.")).ToBeVisibleAsync();
        await page.SetViewportSizeAsync(1440, 900);
        await WebBrowser.KeepAsync(page, "device-imported-operator-desktop-light");

        var failed = await page.RunAndWaitForDownloadAsync(() => WebBrowser.PressAsync(page, "These lines as CSV"));
        var corrected = (await File.ReadAllTextAsync(await failed.PathAsync())).Replace("much;-1;nobody", "2;1;alice", StringComparison.Ordinal);
        await ChooseAsync(corrected);
        await WebBrowser.PressAsync(page, "Import 1 device");
        await Assertions.Expect(page.GetByText("The import is finished.")).ToBeVisibleAsync();

        using var admin = await system.SignInAsync("admin", "admin123");
        var devices = (await admin.GetFromJsonAsync<JsonElement[]>(new Uri($"/api/devices?search={mark}", UriKind.Relative)))!;
        var mappings = (await admin.GetFromJsonAsync<JsonElement[]>(new Uri($"/api/mappings?search={mark}", UriKind.Relative)))!;
        Assert.Equal([$"{mark}-1", $"{mark}-3", $"{mark}-2"], devices.Select(device => device.GetProperty("external_id").GetString()));
        Assert.Equal(["bob", "alice"], mappings.Select(mapping => mapping.GetProperty("user_username").GetString()));
        // Other tests look at the silent devices.
        foreach (var device in devices)
            (await admin.DeleteAsync(new Uri($"/api/devices/{device.GetProperty("id").GetGuid()}", UriKind.Relative))).EnsureSuccessStatusCode();
        browser.HasNoErrors();

        Task ChooseAsync(string file) => WebBrowser.ChooseAsync(page, "meters.csv", file);
    }

    [Fact]
    public async Task Readings_of_a_file_are_in_the_consumption_and_what_failed_is_corrected_and_imported()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        using var created = await admin.PostAsJsonAsync(new Uri("/api/devices", UriKind.Relative), new { name = "Old boiler", max_consumption = 5, time_zone = "UTC", reporting_interval_seconds = 3600 });
        var device = (await created.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("device").GetProperty("id").GetGuid();
        var day = DateTime.UtcNow.Date.AddDays(-40);
        await Eventually.TrueAsync(async () => (await DayAsync()).IsSuccessStatusCode, "Monitoring knows the device");

        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, "/devices/import");
        await WebBrowser.SignInAsync(page, "admin", "admin123");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Import" }).GetByRole(AriaRole.Link, new() { Name = "Readings" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Import readings" })).ToBeVisibleAsync();
        var template = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Template" }).ClickAsync());
        Assert.Equal("readings.csv", template.SuggestedFilename);

        var lines = Enumerable.Range(0, 24).Select(hour => $"{device};{day.AddHours(hour):yyyy-MM-ddTHH:mm:ssZ};{(hour is 7 ? "much" : "1,5")}");
        await WebBrowser.ChooseAsync(page, "year.csv", string.Join('\n', lines.Prepend("device_id;timestamp;measurement_value").Append($"{Guid.NewGuid()};{day:yyyy-MM-dd};-1")));
        await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "Lines with problems" })).ToContainTextAsync("This is no number, such as 2.5 or 2,5.");
        await WebBrowser.KeepAsync(page, "reading-import-preview-operator-desktop-light");
        await page.SetViewportSizeAsync(390, 844);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await WebBrowser.KeepAsync(page, "reading-import-preview-operator-phone-dark");
        await WebBrowser.PressAsync(page, "Import 23 readings");
        await Assertions.Expect(page.GetByText("The import is finished.")).ToBeVisibleAsync();

        var failed = await page.RunAndWaitForDownloadAsync(() => WebBrowser.PressAsync(page, "These lines as CSV"));
        await WebBrowser.ChooseAsync(page, "rest.csv", (await File.ReadAllTextAsync(await failed.PathAsync())).Replace("much", "0,5", StringComparison.Ordinal));
        await WebBrowser.PressAsync(page, "Import 1 reading");
        await Assertions.Expect(page.GetByText("The import is finished.")).ToBeVisibleAsync();

        using var answer = await DayAsync();
        Assert.Equal(35m, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("total_daily_consumption").GetDecimal());
        // Other tests look at the silent devices.
        (await admin.DeleteAsync(new Uri($"/api/devices/{device}", UriKind.Relative))).EnsureSuccessStatusCode();
        browser.HasNoErrors();

        Task<HttpResponseMessage> DayAsync() =>
            admin.GetAsync(new Uri($"/api/monitoring/hourly/daily?device_id={device}&date={day:yyyy-MM-dd}", UriKind.Relative));
    }
}
