using System.Globalization;
using System.Text.Json;
using Deque.AxeCore.Playwright;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>Every page, for both roles, on a phone and a desktop, light and dark: nothing on it is inaccessible and nothing goes wrong.</summary>
public sealed class PageTests(SystemFixture system, History history) : IClassFixture<History>
{
    private const int MostLookMilliseconds = 30_000;

    private static readonly string Device = DevelopmentData.HeatPump.ToString();
    private static readonly string Month = DateTime.UtcNow.AddMonths(-1).ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static readonly (string Name, string Path)[] ForAll =
    [
        ("overview", "/"),
        ("consumption-day", $"/consumption/{Device}"),
        ("consumption-month", $"/consumption/{Device}?period=month&date={Month}-01"),
        ("consumption-year", $"/consumption/{Device}?period=year"),
        ("readings", $"/consumption/{Device}?view=readings"),
        ("alerts", "/alerts"),
        ("account", "/account"),
        ("not-found", "/nowhere"),
    ];

    private static readonly (string Name, string Path)[] ForAdmins =
    [
        ("users", "/users"),
        ("user-new", "/users/new"),
        ("user", $"/users/{DevelopmentData.Alice}"),
        ("devices", "/devices"),
        ("device-new", "/devices/new"),
        ("device", $"/devices/{Device}/edit"),
        ("system", "/system"),
        ("sagas", "/system/sagas"),
        ("audit", "/system/audit"),
        ("ledger", "/system/ledger"),
        ("quarantine", "/system/quarantine"),
    ];

    [Theory]
    [InlineData("alice", "desktop", 1440, 900)]
    [InlineData("alice", "phone", 390, 844)]
    [InlineData("admin", "desktop", 1440, 900)]
    [InlineData("admin", "phone", 390, 844)]
    public async Task Every_page_is_accessible_and_without_errors(string account, string screen, int width, int height)
    {
        await history.PublishAsync(system);
        await using var browser = await WebBrowser.StartAsync(system);
        var page = await browser.OpenAsync(width, height, ColorScheme.Light);
        await EnterAsync(page, account);

        var violations = new List<string>();
        foreach (var (name, path) in account == "admin" ? [.. ForAll, .. ForAdmins] : ForAll)
        {
            await page.GotoAsync(path);
            await SettleAsync(page);
            Assert.Equal(path.Split('?')[0], new Uri(page.Url).AbsolutePath);
            foreach (var colors in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = colors, ReducedMotion = ReducedMotion.Reduce });
                await SettleAsync(page);
                var shot = $"{name}-{(account == "admin" ? "operator" : "household")}-{screen}-{colors.ToString().ToLowerInvariant()}";
                await WebBrowser.ScreenshotAsync(page, shot);
                violations.AddRange((await page.RunAxe()).Violations.Select(violation =>
                    $"{shot}: {violation.Id}: {violation.Help}: {string.Join(", ", violation.Nodes.Select(node => node.Html).Take(3))}"));
            }
        }

        Assert.Empty(violations);
        Assert.Empty(browser.Errors);
    }

    [Theory]
    [InlineData("sign-in", "/sign-in")]
    [InlineData("register", "/register")]
    public async Task The_doors_are_accessible_and_without_errors(string name, string path)
    {
        await using var browser = await WebBrowser.StartAsync(system);
        foreach (var (screen, width, height, colors) in new[] { ("desktop", 1440, 900, ColorScheme.Light), ("phone", 390, 844, ColorScheme.Dark) })
        {
            var page = await browser.OpenAsync(width, height, colors, path);
            await SettleAsync(page);
            await WebBrowser.ScreenshotAsync(page, $"{name}-{screen}-{colors.ToString().ToLowerInvariant()}");
            Assert.Empty((await page.RunAxe()).Violations.Select(violation => $"{screen}: {violation.Id}: {violation.Help}"));
        }

        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_client_finds_no_operators_pages()
    {
        await using var browser = await WebBrowser.StartAsync(system);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light);
        await EnterAsync(page, "alice");

        foreach (var (_, path) in ForAdmins)
        {
            await page.GotoAsync(path);
            await SettleAsync(page);
            await Assertions.Expect(AccountOf(page, "alice")).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Table)).ToHaveCountAsync(0);
            foreach (var link in new[] { "Users", "Devices", "System" })
                Assert.Equal(0, await page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).CountAsync());
        }

        Assert.Empty(browser.Errors);
    }

    private static async Task EnterAsync(IPage page, string account)
    {
        await WebBrowser.SignInAsync(page, account, $"{account}123");
        await Assertions.Expect(AccountOf(page, account)).ToBeVisibleAsync();
    }

    private static ILocator AccountOf(IPage page, string account) => page.GetByRole(AriaRole.Button, new() { Name = $"Account of {account}" });

    /// <summary>Waits until nothing is loading and the page is still.</summary>
    private static async Task SettleAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First.WaitForAsync(new() { Timeout = MostLookMilliseconds });
        await page.WaitForFunctionAsync(
            "() => !document.querySelector('.animate-pulse, [aria-busy=true]')", null, new() { Timeout = MostLookMilliseconds });
        await page.WaitForTimeoutAsync(400);
    }
}

/// <summary>Readings of ten weeks for the development devices, up to the day where the simulator begins; published once.</summary>
public sealed class History
{
    private const int Days = 70;

    private readonly Lock _lock = new();
    private Task? _publishing;

    public Task PublishAsync(SystemFixture system)
    {
        lock (_lock)
        {
            return _publishing ??= PublishOnceAsync(system);
        }
    }

    private static async Task PublishOnceAsync(SystemFixture system)
    {
        var end = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(-2), TimeSpan.Zero);
        var random = new Random(7);
        foreach (var (number, device) in new[] { DevelopmentData.HeatPump, DevelopmentData.Kitchen, DevelopmentData.Laundry, DevelopmentData.CarCharger }.Index())
        {
            var readings = (
                from interval in Enumerable.Range(0, Days * 144)
                // A gap of some hours, and meters that miss a reading now and then.
                where interval % 2900 > 20 && random.Next(200) > 0
                let time = end.AddMinutes(-10 * (interval + 1))
                let hour = time.Hour + (time.Minute / 60.0)
                let load = 0.06 + (0.1 * Math.Exp(-Math.Pow(hour - 7, 2) / 4)) + (0.22 * Math.Exp(-Math.Pow(hour - 19, 2) / 6))
                select new Dictionary<string, object>
                {
                    ["timestamp"] = time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                    ["device_id"] = device,
                    ["measurement_value"] = Math.Round(load * (1 + (0.25 * number)) * (0.7 + (0.8 * random.NextDouble())), 6),
                }).Chunk(1000);
            await system.PublishAsync(readings.Select(message => JsonSerializer.Serialize(message)));
        }

        using var client = await system.SignInAsync("admin", "admin123");
        var day = end.AddDays(-1).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await Eventually.TrueAsync(
            async () =>
            {
                var answer = await client.GetStringAsync(new Uri($"/api/monitoring/hourly/daily?device_id={DevelopmentData.CarCharger}&date={day}", UriKind.Relative));
                return JsonDocument.Parse(answer).RootElement.GetProperty("measurement_count").GetInt32() > 100;
            },
            "the history is counted", TimeSpan.FromMinutes(1));
    }
}
