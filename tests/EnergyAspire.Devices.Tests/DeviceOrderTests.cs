using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Tests;

/// <summary>A service with devices whose names come in another order by bytes than in the alphabet.</summary>
public sealed class NamedDevices(TestServers servers) : IAsyncLifetime
{
    /// <summary>Names in the order that people expect.</summary>
    public static readonly string[] InOrder =
        ["Äpfel", "apple", "banana", "Éclair", "meter 2", "Meter 2", "Meter 2", "Meter 10", "zebra", "Zebra", "Ёлка", "Яблоко"];

    /// <summary>Devices with a price, the cheapest first.</summary>
    public static readonly (string Name, decimal Price)[] Priced = [("zebra", 0m), ("apple", 0.1m), ("banana", 0.25m)];

    public ServiceHost<Program> Host { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await DeviceService.StartAsync(servers, await DeviceService.CreateDatabaseAsync(servers), "Production");
        Admin = Host.ClientOf(DevelopmentData.Admin);
        foreach (var name in InOrder.Order(StringComparer.Ordinal))
        {
            using var answer = await Admin.PostAsJsonAsync("/api/devices", new
            {
                name,
                max_consumption = 1,
                price = Priced.Where(priced => priced.Name == name).Select(priced => (decimal?)priced.Price).SingleOrDefault(),
            });
            answer.EnsureSuccessStatusCode();
        }
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

public sealed class DeviceOrderTests(NamedDevices devices) : IClassFixture<NamedDevices>
{
    [Fact]
    public async Task Names_are_in_alphabetical_order_and_numbers_in_theirs()
    {
        Assert.Equal(NamedDevices.InOrder, (await PagesAsync("/api/devices")).Single().Names);
        Assert.Equal(NamedDevices.InOrder.Reverse(), (await PagesAsync("/api/devices?sort=-name")).Single().Names);
    }

    [Theory]
    [InlineData(1, "name")]
    [InlineData(1, "-name")]
    [InlineData(5, "name")]
    [InlineData(5, "-name")]
    public async Task Pages_show_each_name_once_in_that_order_and_how_many_there_are(int limit, string sort)
    {
        var pages = await PagesAsync($"/api/devices?limit={limit}&sort={sort}");

        Assert.Equal(sort == "name" ? NamedDevices.InOrder : NamedDevices.InOrder.Reverse(), pages.SelectMany(page => page.Names));
        Assert.Equal(NamedDevices.InOrder.Length, pages.SelectMany(page => page.Ids).Distinct().Count());
        Assert.All(pages, page => Assert.Equal(NamedDevices.InOrder.Length, page.Total));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(100)]
    public async Task By_price_devices_without_one_come_before_the_cheapest(int limit)
    {
        var ascending = (await PagesAsync($"/api/devices?limit={limit}&sort=price")).SelectMany(page => page.Names).ToList();
        var descending = (await PagesAsync($"/api/devices?limit={limit}&sort=-price")).SelectMany(page => page.Names);

        Assert.Equal(NamedDevices.InOrder.Order(StringComparer.Ordinal), ascending.Order(StringComparer.Ordinal));
        Assert.Equal(NamedDevices.Priced.Select(priced => priced.Name), ascending[^NamedDevices.Priced.Length..]);
        Assert.Equal(Enumerable.Reverse(ascending), descending);
    }

    [Theory]
    [InlineData("ZEBRA", "zebra,Zebra")]
    [InlineData("ÄPF", "Äpfel")]
    [InlineData("яБЛ", "Яблоко")]
    [InlineData("meter 2", "meter 2,Meter 2,Meter 2")]
    [InlineData("apfel", "")]
    public async Task Search_ignores_case_in_every_script_and_counts_what_it_finds(string term, string names)
    {
        var found = (await PagesAsync($"/api/devices?search={Uri.EscapeDataString(term)}")).Single();

        Assert.Equal(names, string.Join(',', found.Names));
        Assert.Equal(found.Names.Count, found.Total);
    }

    [Fact]
    public async Task The_index_holds_the_order()
    {
        var plan = await devices.Host.WithAsync(async db =>
        {
            await db.Database.OpenConnectionAsync();
            await db.Database.ExecuteSqlRawAsync("set enable_seqscan = off; set enable_sort = off; set enable_bitmapscan = off");

            return await db.Database
                .SqlQuery<string>($"explain select * from devices where (name, id) > ({"Meter 2"}, {Guid.Empty}) order by name, id limit 2")
                .ToListAsync();
        });

        Assert.Contains(plan, line => line.Contains("Index Scan using ix_devices_name_id", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("Sort", StringComparison.Ordinal));
    }

    private async Task<List<NamePage>> PagesAsync(string path)
    {
        var pages = new List<NamePage>();
        for (var next = path; next is not null;)
        {
            using var answer = await devices.Admin.GetAsync(new Uri(next, UriKind.Relative));
            answer.EnsureSuccessStatusCode();
            var rows = (await answer.Content.ReadFromJsonAsync<List<JsonElement>>())!;
            pages.Add(new NamePage(
                rows.ConvertAll(row => row.GetProperty("name").GetString()!), rows.ConvertAll(row => row.GetProperty("id").GetGuid()),
                int.Parse(answer.Headers.GetValues("X-Total-Count").Single())));
            next = answer.Headers.TryGetValues("Link", out var links) ? links.Single()[1..links.Single().IndexOf('>', StringComparison.Ordinal)] : null;
        }

        return pages;
    }

    private sealed record NamePage(List<string> Names, List<Guid> Ids, int Total);
}
