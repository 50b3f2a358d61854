using System.Globalization;
using System.Net.Http.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>The overview of households of one to three hundred devices.</summary>
public sealed class HouseholdSizeTests(SystemFixture system) : IAsyncLifetime
{
    private const string Mark = "zy meter";
    private const string Username = "landlord";
    private const string Password = "sunny-roof-7";

    /// <summary>Cards that a 1440 by 900 window and the 600 pixels below it have room for.</summary>
    private const int MostCardsDrawn = 24;

    private static readonly int[] Sizes = [1, 50, 130, 300];

    /// <summary>When the total of the day and a card's figure are drawn, in ms since the address was entered.</summary>
    private const string Usable = """
        window.tasks = [];
        new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)))
          .observe({ type: 'longtask', buffered: true });
        const look = () => {
          const figure = document.querySelector('[aria-labelledby=devices] li dd')?.textContent ?? '';
          if (/\d/.test(figure)) requestAnimationFrame(() => (window.usableAt = performance.now()));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
        """;

    /// <summary>An account, and devices with an hour for each of the last eight days' hours; straight into the tables, without any readings.</summary>
    public async ValueTask InitializeAsync()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        using var registered = await admin.PostAsJsonAsync(
            new Uri("/api/auth/register", UriKind.Relative),
            new { username = Username, password = Password, fname = "Lena", lname = "Lord", email = "lena@example.com" });
        registered.EnsureSuccessStatusCode();

        const string columns = "id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, version";
        var rows = $"""
            select md5('{Mark}' || number)::uuid as id, '{Mark} ' || lpad(number::text, 3, '0'), '', 3, 0.32, 'Europe/Berlin', 600, 1
            from generate_series(1, {Sizes[^1]}) number
            """;
        await system.ExecuteAsync(ResourceNames.DeviceDatabase, $"insert into devices ({columns}, created_at, updated_at) select *, now(), now() from ({rows}) rows");
        await system.ExecuteAsync(ResourceNames.MonitoringDatabase, $"""
            insert into device_replicas ({columns}, state_version, is_deleted) select *, 1, false from ({rows}) rows;
            insert into hourly_consumption (device_id, hour_start, energy, reading_count)
            select id, hour, 1000000 * (1 + extract(hour from hour)::int), 6
            from ({rows}) rows, generate_series(date_trunc('hour', now()) - interval '8 days', date_trunc('hour', now()), interval '1 hour') hour
            """);
    }

    [Fact]
    public async Task The_overview_draws_the_cards_in_sight_whatever_the_number_of_devices()
    {
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenAsync(1440, 900, ColorScheme.Light);
        await WebBrowser.SignInAsync(page, Username, Password);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = $"Account of {Username}" })).ToBeVisibleAsync();
        await page.AddInitScriptAsync(Usable);
        var devices = page.Locator("[aria-labelledby=devices] > ul > li");

        foreach (var size in Sizes)
        {
            await AssignAsync(size);
            await page.GotoAsync("/");
            await page.WaitForFunctionAsync("() => window.usableAt !== undefined", null, new() { Timeout = 60_000 });
            var usable = await page.EvaluateAsync<double>("window.usableAt");
            await Assertions.Expect(devices).ToHaveCountAsync(size);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            var drawn = await devices.Locator("dl").CountAsync();

            // To the end and back, as somebody does who looks for a device.
            await devices.Last.ScrollIntoViewIfNeededAsync();
            await Assertions.Expect(devices.Last.Locator("dd").First).ToContainTextAsync("Wh");
            var drawnAtEnd = await devices.Locator("dl").CountAsync();
            var tasks = await page.EvaluateAsync<double[]>("window.tasks");
            var heap = await page.EvaluateAsync<double>("performance.memory.usedJSHeapSize");
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
                {size} devices: usable after {usable:0} ms, {drawn} cards drawn, {drawnAtEnd} at the end; {tasks.Length} tasks over 50 ms, the longest {tasks.DefaultIfEmpty().Max():0} ms; {heap / 1e6:0} MB of script objects.
                """));
            Assert.InRange(drawn, 1, MostCardsDrawn);
            Assert.InRange(drawnAtEnd, 1, 2 * MostCardsDrawn);
        }

        browser.HasNoErrors();
    }

    public async ValueTask DisposeAsync()
    {
        await system.ExecuteAsync(ResourceNames.DeviceDatabase, $"""
            delete from mappings where device_id in (select id from devices where name like '{Mark} %');
            delete from devices where name like '{Mark} %'
            """);
        await system.ExecuteAsync(ResourceNames.MonitoringDatabase, $"""
            delete from mapping_replicas where device_id in (select id from device_replicas where name like '{Mark} %');
            delete from hourly_consumption where device_id in (select id from device_replicas where name like '{Mark} %');
            delete from device_replicas where name like '{Mark} %'
            """);
    }

    /// <summary>Gives the account the first devices.</summary>
    private async Task AssignAsync(int count)
    {
        var pairs = $"from user_replicas u, generate_series(1, {count}) number where u.username = '{Username}'";
        await system.ExecuteAsync(ResourceNames.DeviceDatabase, $"""
            insert into mappings (id, user_id, device_id, is_assigned, assigned_at, version)
            select gen_random_uuid(), u.id, md5('{Mark}' || number)::uuid, true, now(), 1 {pairs} on conflict do nothing
            """);
        await system.ExecuteAsync(ResourceNames.MonitoringDatabase, $"""
            insert into mapping_replicas (user_id, device_id, is_assigned, version)
            select u.id, md5('{Mark}' || number)::uuid, true, 1 {pairs} on conflict do nothing
            """);
    }
}
