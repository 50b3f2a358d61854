using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>Every page, for both roles, on a phone and a desktop, light and dark: nothing on it is inaccessible and nothing goes wrong.</summary>
public sealed class PageTests(SystemFixture system, History history) : IClassFixture<History>
{
    private const int MostLookMilliseconds = 30_000;

    /// <summary>What the overview says of today, in kWh; it says less than one in Wh, as after midnight.</summary>
    private const string Total = """
        (text => parseFloat(text) / (text.endsWith('kWh') ? 1 : 1000))(document.querySelector('[aria-labelledby=today] p.text-5xl').textContent.trim())
        """;

    /// <summary>How many readings the chart shows.</summary>
    private const string InSight = "parseInt(document.querySelector('[aria-labelledby=readings] .text-3xl').textContent.replace(',', ''))";

    private static readonly string Device = DevelopmentData.HeatPump.ToString();
    private static readonly string Month = DateTime.UtcNow.AddMonths(-1).ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static readonly (string Name, string Path)[] ForAll =
    [
        ("overview", "/"),
        ("consumption-day", $"/consumption/{Device}"),
        ("consumption-month", $"/consumption/{Device}?period=month&date={Month}-01"),
        ("consumption-running-month", $"/consumption/{Device}?period=month"),
        ("consumption-year", $"/consumption/{Device}?period=year"),
        ("readings", $"/consumption/{Device}?view=readings"),
        ("statement", $"/statement?month={Month}"),
        ("statement-running-month", $"/statement?month={DateTime.UtcNow:yyyy-MM}"),
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
        ("device-import", "/devices/import"),
        ("reading-import", "/devices/import/readings"),
        ("device", $"/devices/{Device}/edit"),
        ("tariffs", "/tariffs"),
        ("tariff-new", "/tariffs/new"),
        ("system", "/system"),
        ("repairs", "/system/repairs"),
        ("sagas", "/system/sagas"),
        ("audit", "/system/audit"),
        ("ledger", "/system/ledger"),
        ("quarantine", "/system/quarantine"),
        ("quarantine-discarded", "/system/quarantine?discarded=true"),
    ];

    private static readonly (string Name, int Width, int Height)[] Screens = [("desktop", 1440, 900), ("phone", 390, 844)];

    /// <summary>
    /// What is looked at by all rules: each screen in one colour and each colour on one screen. On the others only colours are left to be different.
    /// </summary>
    private static readonly (string Screen, ColorScheme Colors)[] Whole = [("desktop", ColorScheme.Light), ("phone", ColorScheme.Dark)];

    [Fact]
    public async Task Every_page_is_accessible_by_keys_too_and_without_errors_on_every_screen_and_in_both_colours()
    {
        await history.PublishAsync(system);

        await using var browser = await WebBrowser.StartAsync(system.Shipped);

        var problems = await Task.WhenAll(
            WalkAsync(browser, "alice", ForAll), WalkAsync(browser, "admin", ForAll),
            WalkAsync(browser, "admin", [.. ForAdmins, ("saga", $"/system/sagas/{history.Saga}")]));

        browser.HasNoErrors(problems.SelectMany(problem => problem));
    }

    [Fact]
    public async Task Repairs_names_the_silent_device_and_the_quarantined_readings()
    {
        await history.PublishAsync(system);
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light, "/system/repairs");
        await EnterAsync(page, "admin");

        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = History.SilentDevice })).ToBeVisibleAsync(new() { Timeout = MostLookMilliseconds });
        await Assertions.Expect(page.GetByText("in quarantine").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare now" }).ClickAsync();
        await Assertions.Expect(page.GetByText("All replicas are as at their source.")).ToBeVisibleAsync(new() { Timeout = MostLookMilliseconds });
        browser.HasNoErrors();
    }

    /// <summary>Looks at pages as an account sees them, and goes through them by the Tab key.</summary>
    /// <returns>What is wrong with them.</returns>
    private static async Task<IEnumerable<string>> WalkAsync(WebBrowser browser, string account, (string Name, string Path)[] pages)
    {
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light);
        await EnterAsync(page, account);

        var problems = new List<string>();
        foreach (var (name, path) in pages)
        {
            await page.GotoAsync(path);
            await SettleAsync(page);
            Assert.Equal(path.Split('?')[0], new Uri(page.Url).AbsolutePath);
            // One load a page: the screens and colours change on the open page.
            foreach (var (screen, width, height) in Screens)
            {
                await page.SetViewportSizeAsync(width, height);
                await StillAsync(page);
                await WebBrowser.ShowWholeAsync(page);
                foreach (var colors in new[] { ColorScheme.Light, ColorScheme.Dark })
                {
                    await page.EmulateMediaAsync(new() { ColorScheme = colors, ReducedMotion = ReducedMotion.Reduce });
                    await StillAsync(page);
                    var shot = $"{name}-{(account == "admin" ? "operator" : "household")}-{screen}-{colors.ToString().ToLowerInvariant()}";
                    await WebBrowser.ScreenshotAsync(page, shot);
                    problems.AddRange((await Axe.ViolationsAsync(page, !Whole.Contains((screen, colors)))).Select(violation => $"{shot}: {violation}"));
                }

                var missed = await new KeyboardUser(page).WalkAsync();
                problems.AddRange(missed.Select(element => $"{name} on a {screen}: the Tab key doesn't lead to {element}"));
            }
        }

        return problems;
    }

    [Theory]
    [InlineData("sign-in", "/sign-in")]
    [InlineData("register", "/register")]
    public async Task The_doors_are_accessible_and_without_errors(string name, string path)
    {
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        foreach (var (screen, width, height) in Screens)
        {
            foreach (var colors in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                var page = await browser.OpenAsync(width, height, colors, path);
                await SettleAsync(page);
                await WebBrowser.ShowWholeAsync(page);
                await WebBrowser.ScreenshotAsync(page, $"{name}-{screen}-{colors.ToString().ToLowerInvariant()}");
                Assert.Empty(await Axe.ViolationsAsync(page, !Whole.Contains((screen, colors))));
            }
        }

        browser.HasNoErrors();
    }

    [Fact]
    public async Task A_client_finds_no_operators_pages()
    {
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light);
        await EnterAsync(page, "alice");

        foreach (var (_, path) in ForAdmins)
        {
            await page.GotoAsync(path);
            await Assertions.Expect(AccountOf(page, "alice")).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByText("This page is for administrators")).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Table)).ToHaveCountAsync(0);
            foreach (var link in new[] { "Users", "Devices", "System" })
                Assert.Equal(0, await page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).CountAsync());
        }

        browser.HasNoErrors();
    }

    [Fact]
    public async Task A_long_name_without_spaces_makes_no_page_wider_than_a_small_phone()
    {
        var name = $"Pump{new string('x', 196)}";
        using var client = await system.SignInAsync("admin", "admin123");
        using var registered = await client.PostAsJsonAsync(new Uri("/api/devices", UriKind.Relative), new { name, max_consumption = 1 });
        var id = (await registered.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("device").GetProperty("id").GetGuid();
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri($"/api/monitoring/hourly/daily?device_id={id}", UriKind.Relative));
                return answer.IsSuccessStatusCode;
            },
            "Monitoring knows the device");
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(320, 700, ColorScheme.Light);
        await EnterAsync(page, "admin");

        var widths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var path in new[] { "/", $"/consumption/{id}", "/devices", $"/devices/{id}/edit" })
        {
            await page.GotoAsync(path);
            await SettleAsync(page);
            await Assertions.Expect(page.GetByText(name).First).ToBeAttachedAsync(new() { Timeout = MostLookMilliseconds });
            widths[path] = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        }

        // Other tests look at the silent devices.
        using var deleted = await client.DeleteAsync(new Uri($"/api/devices/{id}", UriKind.Relative));
        deleted.EnsureSuccessStatusCode();
        Assert.All(widths, width => Assert.True(width.Value <= 320, $"{width.Key} is {width.Value} pixels wide."));
        browser.HasNoErrors();
    }

    private static async Task EnterAsync(IPage page, string account)
    {
        await WebBrowser.SignInAsync(page, account, $"{account}123");
        await Assertions.Expect(AccountOf(page, account)).ToBeVisibleAsync();
    }

    private static ILocator AccountOf(IPage page, string account) => page.GetByRole(AriaRole.Button, new() { Name = $"Account of {account}" });

    [Fact]
    public async Task A_reading_moves_on_the_open_page_and_its_alert_appears()
    {
        await history.PublishAsync(system);
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light);
        await EnterAsync(page, "alice");
        await Assertions.Expect(page.GetByText("Live, as of")).ToBeVisibleAsync(new() { Timeout = MostLookMilliseconds });
        var before = await TotalAsync();

        // Half a minute off the simulator's readings, and not in two hours. Three kWh are more than the laundry's limit for an hour.
        var hour = SystemFixture.ThisHour();
        await system.PublishAsync(DevelopmentData.Laundry, hour.AddSeconds(30), 3m);
        var published = Stopwatch.GetTimestamp();

        await page.WaitForFunctionAsync(
            $"before => {Total} > before + 2.9", before, new() { PollingInterval = 20, Timeout = MostLookMilliseconds });
        TestContext.Current.TestOutputHelper!.WriteLine($"A published reading was visible after {Stopwatch.GetElapsedTime(published).TotalMilliseconds:0} ms.");
        await Assertions.Expect(page.GetByText("Shared laundry:").First).ToBeVisibleAsync();
        await WebBrowser.ShowWholeAsync(page);
        await WebBrowser.ScreenshotAsync(page, "alert-household-desktop-light");

        browser.HasNoErrors();

        Task<double> TotalAsync() => page.EvaluateAsync<double>($"() => {Total}");
    }

    [Fact]
    public async Task A_finger_s_first_tap_tells_of_a_day_and_the_second_opens_it()
    {
        await history.PublishAsync(system);
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(390, 844, ColorScheme.Light, touch: true);
        await EnterAsync(page, "alice");
        await page.GotoAsync($"/consumption/{Device}?period=month&date={Month}-01");
        var chart = page.GetByRole(AriaRole.Application);
        await Assertions.Expect(chart).ToBeVisibleAsync(new() { Timeout = MostLookMilliseconds });
        await SettleAsync(page);
        var middle = new Position { X = (await chart.BoundingBoxAsync())!.Width / 2, Y = 120 };

        await chart.TapAsync(new() { Position = middle });
        await page.WaitForTimeoutAsync(1000);
        Assert.Contains("period=month", page.Url, StringComparison.Ordinal);
        await chart.TapAsync(new() { Position = middle });

        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Day", Exact = true, Pressed = true })).ToBeVisibleAsync();
        browser.HasNoErrors();
    }

    /// <summary>A month of readings a minute, whatever a look at it asks for: zooming with the wheel, moving along, all of it again.</summary>
    [Fact]
    public async Task Forty_thousand_readings_are_zoomed_and_moved()
    {
        await history.PublishAsync(system);
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light);
        await EnterAsync(page, "alice");
        var clock = Stopwatch.StartNew();
        await page.GotoAsync($"/consumption/{Device}?period=month&date={Month}-01&view=readings");
        var chart = page.Locator("[role=img][aria-label^='Line of']");
        await Assertions.Expect(chart).ToBeVisibleAsync(new() { Timeout = MostLookMilliseconds });
        await SettleAsync(page);
        var opened = clock.Elapsed;
        var count = await page.EvaluateAsync<int>(InSight);
        await page.EvaluateAsync("""
            () => {
              window.tasks = [];
              window.frames = [];
              new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
              let last = performance.now();
              const frame = (now) => { window.frames.push(now - last); last = now; requestAnimationFrame(frame); };
              requestAnimationFrame(frame);
            }
            """);

        await chart.HoverAsync();
        await page.Keyboard.DownAsync("Control");
        await TurnWheelAsync(-120);
        await page.WaitForFunctionAsync($"count => {InSight} < count / 2", count, new() { Timeout = MostLookMilliseconds });
        await TurnWheelAsync(120);
        await page.Keyboard.UpAsync("Control");
        foreach (var button in new[] { "Zoom in", "Zoom in", "Earlier", "Earlier", "Later", "Zoom out", "Show all" })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync(new() { Timeout = MostLookMilliseconds });
            await page.WaitForTimeoutAsync(100);
        }

        var tasks = await page.EvaluateAsync<double[]>("window.tasks");
        var frames = (await page.EvaluateAsync<double[]>("window.frames")).Order().ToArray();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {count} readings: drawn after {opened.TotalMilliseconds:0} ms; zoomed and moved: {frames.Length} frames, half of them within {frames[frames.Length / 2]:0} ms,
            95 % within {frames[frames.Length * 95 / 100]:0} ms, the longest {frames[^1]:0} ms; {tasks.Length} tasks over 50 ms, the longest {tasks.DefaultIfEmpty().Max():0} ms.
            """));
        Assert.True(count > 40_000, $"There are {count} readings.");
        browser.HasNoErrors();

        async Task TurnWheelAsync(int by)
        {
            for (var turn = 0; turn < 20; turn++)
            {
                await page.Mouse.WheelAsync(0, by);
                await page.WaitForTimeoutAsync(30);
            }
        }
    }

    /// <summary>Waits until nothing is loading and the page is still.</summary>
    private static async Task SettleAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First.WaitForAsync(new() { Timeout = MostLookMilliseconds });
        // What has come may ask for more.
        for (var turn = 0; turn < 2; turn++)
        {
            await page.WaitForFunctionAsync(
                "() => !document.querySelector('.animate-pulse, [aria-busy=true]')", null, new() { Timeout = MostLookMilliseconds });
            await StillAsync(page);
        }
    }

    /// <summary>Waits until what has changed is drawn and the page doesn't change for some frames: charts draw themselves a frame after they know their size.</summary>
    private static async Task StillAsync(IPage page) => await page.EvaluateAsync("""
        async () => {
          await document.fonts.ready;
          let changed = false;
          const observer = new MutationObserver(() => { changed = true; });
          observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
          // A clock on the page may change it for ever.
          for (let frame = 0, quiet = 0; quiet < 4 && frame < 60; frame++) {
            changed = false;
            await new Promise(requestAnimationFrame);
            quiet = changed ? 0 : quiet + 1;
          }
          observer.disconnect();
        }
        """);
}
