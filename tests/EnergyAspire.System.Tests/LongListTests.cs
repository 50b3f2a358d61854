using System.Diagnostics;
using System.Globalization;
using EnergyAspire.ServiceDefaults;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>An installation of ten thousand devices, as its operators see it.</summary>
public sealed class LongListTests(SystemFixture system) : IAsyncLifetime
{
    private const int Devices = 10_000;
    private const int MostRowsDrawn = 100;

    /// <summary>Marks the rows of this test; devices of the others stand before them in the list.</summary>
    private const string Mark = "zz meter";

    private static readonly string Rows = $"""
        select md5('{Mark}' || number)::uuid, '{Mark} ' || lpad(number::text, 5, '0'), 'in house ' || number / 10, 3, 0.32, 'Europe/Berlin', 600, 1
        from generate_series(1, {Devices}) number
        """;

    /// <summary>Straight into the registry and its copy; ten thousand registrations would take minutes.</summary>
    public async ValueTask InitializeAsync()
    {
        const string columns = "id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, version";
        await system.ExecuteAsync(ResourceNames.DeviceDatabase, $"insert into devices ({columns}, created_at, updated_at) select *, now(), now() from ({Rows}) rows");
        await system.ExecuteAsync(ResourceNames.MonitoringDatabase, $"insert into device_replicas ({columns}, state_version, is_deleted) select *, 1, false from ({Rows}) rows");
    }

    [Fact]
    public async Task Ten_thousand_devices_open_scroll_and_are_searched_and_sorted_with_a_hundred_rows_drawn_at_most()
    {
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light);
        await page.AddInitScriptAsync("""
            window.tasks = [];
            window.mostRows = 0;
            new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)))
              .observe({ type: 'longtask', buffered: true });
            new MutationObserver(() => (window.mostRows = Math.max(window.mostRows, document.querySelectorAll('tbody tr').length)))
              .observe(document, { childList: true, subtree: true });
            """);
        await WebBrowser.SignInAsync(page, "admin", "admin123");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Account of admin" })).ToBeVisibleAsync();
        var table = page.GetByRole(AriaRole.Table, new() { Name = "Devices" });

        var clock = Stopwatch.StartNew();
        await page.GotoAsync("/devices");
        await Assertions.Expect(table).ToBeVisibleAsync();
        var opened = clock.Elapsed;

        clock.Restart();
        // The end is where the number of rows is known; the list's own corrections may have the last word on where it stands.
        await page.EvaluateAsync("""
            async () => {
              for (let count = -1; count === -1 || !document.querySelector(`tr[aria-rowindex="${count}"]`);) {
                window.scrollTo(0, document.documentElement.scrollHeight);
                await new Promise(requestAnimationFrame);
                count = Number(document.querySelector('table')?.getAttribute('aria-rowcount') ?? -1);
              }
            }
            """);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = $"{Mark} {Devices}" })).ToBeVisibleAsync();
        var scrolled = clock.Elapsed;
        Assert.True(int.Parse((await table.GetAttributeAsync("aria-rowcount"))!, CultureInfo.InvariantCulture) > Devices);

        clock.Restart();
        await page.GetByRole(AriaRole.Searchbox).FillAsync($"{Mark} 04242");
        await Assertions.Expect(table).ToHaveAttributeAsync("aria-rowcount", "2");
        var found = clock.Elapsed;

        await page.GetByRole(AriaRole.Searchbox).FillAsync("");
        await Assertions.Expect(table.GetByRole(AriaRole.Link, new() { Name = "Car charger" })).ToBeVisibleAsync();
        clock.Restart();
        await page.GetByRole(AriaRole.Button, new() { Name = "Limit per hour" }).ClickAsync();
        await Assertions.Expect(table.GetByRole(AriaRole.Link).First).ToHaveTextAsync("Car charger");
        var sorted = clock.Elapsed;

        var tasks = await page.EvaluateAsync<double[]>("window.tasks");
        var most = await page.EvaluateAsync<int>("window.mostRows");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {Devices} devices: open after {opened.TotalMilliseconds:0} ms, at the end after {scrolled.TotalSeconds:0.0} s, found after {found.TotalMilliseconds:0} ms, sorted after {sorted.TotalMilliseconds:0} ms;
            at most {most} rows drawn; {tasks.Length} tasks over 50 ms, {tasks.Count(task => task > 200)} over 200 ms, the longest {tasks.DefaultIfEmpty().Max():0} ms.
            """));
        Assert.InRange(most, 2, MostRowsDrawn);
        browser.HasNoErrors();
    }

    public async ValueTask DisposeAsync()
    {
        await system.ExecuteAsync(ResourceNames.DeviceDatabase, $"delete from devices where name like '{Mark} %'");
        await system.ExecuteAsync(ResourceNames.MonitoringDatabase, $"delete from device_replicas where name like '{Mark} %'");
    }
}
