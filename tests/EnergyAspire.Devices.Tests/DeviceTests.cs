using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Devices.Devices;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Devices.Tests;

/// <summary>One service for the tests that only read.</summary>
public sealed class ReadingService(TestServers servers) : IAsyncLifetime
{
    public ServiceHost<Program> Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await DeviceService.StartAsync(servers, await DeviceService.CreateDatabaseAsync(servers));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

public sealed class DeviceTests(ReadingService service) : IClassFixture<ReadingService>
{
    private static readonly string[] Fields =
        ["created_at", "description", "direction", "external_id", "feed_in_of", "id", "max_consumption", "meters", "name", "price", "register_digits", "reporting_interval_seconds", "settings", "tariffs", "time_zone", "updated_at"];

    private readonly HttpClient _anonymous = service.Host.CreateClient();
    private readonly HttpClient _admin = service.Host.ClientOf(DevelopmentData.Admin);
    private readonly HttpClient _alice = service.Host.ClientOf(DevelopmentData.Alice);
    private readonly HttpClient _bob = service.Host.ClientOf(DevelopmentData.Bob);
    private readonly HttpClient _stranger = service.Host.ClientOf(Guid.NewGuid());
    private readonly HttpClient _saga = service.Host.ClientWith(TestTokens.ForSaga());

    [Theory]
    [InlineData("/api/devices")]
    [InlineData("/api/devices/00000000-0000-7000-8000-0000000000d1")]
    [InlineData("/api/mappings")]
    [InlineData("/api/mappings/user/00000000-0000-7000-8000-0000000000a1/devices")]
    public async Task Without_an_accounts_token_nothing_is_shown(string path)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(_anonymous, path));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service.Host.ClientWith("garbage"), path));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_saga, path));
    }

    [Fact]
    public async Task An_admin_sees_all_devices_by_name() =>
        Assert.Equal(["Car charger", "Heat pump", "Kitchen", "Shared laundry"], await NamesAsync(_admin, "/api/devices"));

    [Fact]
    public async Task A_client_sees_their_devices_also_shared_ones()
    {
        Assert.Equal(["Heat pump", "Kitchen", "Shared laundry"], await NamesAsync(_alice, "/api/devices"));
        Assert.Equal(["Car charger", "Shared laundry"], await NamesAsync(_bob, "/api/devices"));
        Assert.Empty(await NamesAsync(_stranger, "/api/devices"));
    }

    [Fact]
    public async Task A_device_of_someone_else_looks_absent()
    {
        var heatPump = $"/api/devices/{DevelopmentData.HeatPump}";

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_admin, heatPump));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_alice, heatPump));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_bob, heatPump));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_admin, $"/api/devices/{Guid.NewGuid()}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_bob, $"/api/devices/{DevelopmentData.Laundry}"));
    }

    [Fact]
    public async Task An_absent_device_answers_with_problem_details()
    {
        using var answer = await _bob.GetAsync(Relative($"/api/devices/{DevelopmentData.HeatPump}"));

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_device_has_the_fields_of_the_contract()
    {
        var device = await _alice.GetFromJsonAsync<JsonElement>(Relative($"/api/devices/{DevelopmentData.HeatPump}"));

        Assert.Equal(Fields, device.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(3.0m, device.GetProperty("max_consumption").GetDecimal());
        Assert.Equal("Europe/Berlin", device.GetProperty("time_zone").GetString());
        Assert.Equal(60, device.GetProperty("reporting_interval_seconds").GetInt32());
        Assert.Equal(DevelopmentData.Since, device.GetProperty("created_at").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("PUMP", "Heat pump")]
    [InlineData("oven", "Kitchen")]
    [InlineData("%", "")]
    [InlineData("_", "")]
    [InlineData("\\", "")]
    [InlineData("e", "Car charger,Heat pump,Kitchen,Shared laundry")]
    public async Task Search_finds_a_part_of_the_name_or_description(string term, string names) =>
        Assert.Equal(names, string.Join(',', await NamesAsync(_admin, $"/api/devices?search={Uri.EscapeDataString(term)}")));

    [Fact]
    public async Task A_search_for_nothing_finds_all() => Assert.Equal(4, (await NamesAsync(_admin, "/api/devices?search=")).Count);

    [Fact]
    public async Task Search_shows_a_client_no_more_than_theirs() =>
        Assert.Empty(await NamesAsync(_bob, "/api/devices?search=pump"));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1001")]
    [InlineData("ten")]
    [InlineData("99999999999")]
    [InlineData("")]
    public async Task A_wrong_limit_is_named(string limit)
    {
        foreach (var path in (string[])["/api/devices", "/api/mappings", $"/api/mappings/user/{DevelopmentData.Alice}/devices"])
        {
            using var answer = await _admin.GetAsync(Relative($"{path}?limit={limit}"));

            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.True(problem.GetProperty("errors").TryGetProperty("limit", out _));
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("%21%21")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_made_up_place_in_the_list_is_named(string after)
    {
        using var answer = await _admin.GetAsync(Relative($"/api/devices?after={after}"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("after", out _));
    }

    [Theory]
    [InlineData("name", "Car charger,Heat pump,Kitchen,Shared laundry")]
    [InlineData("-name", "Shared laundry,Kitchen,Heat pump,Car charger")]
    [InlineData("max_consumption", "Kitchen,Shared laundry,Heat pump,Car charger")]
    [InlineData("-max_consumption", "Car charger,Heat pump,Shared laundry,Kitchen")]
    public async Task The_list_is_sorted_as_it_is_asked_for(string sort, string names) =>
        Assert.Equal(names, string.Join(',', await NamesAsync(_admin, $"/api/devices?sort={sort}")));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("description")]
    [InlineData("--name")]
    [InlineData("Name")]
    public async Task An_order_that_does_not_exist_is_named(string sort)
    {
        using var answer = await _admin.GetAsync(Relative($"/api/devices?sort={sort}"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var message = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty("sort")[0].GetString();
        Assert.StartsWith("The list is sorted by name, created_at, max_consumption, price, time_zone", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("created_at")]
    [InlineData("time_zone")]
    [InlineData("-name")]
    public async Task A_place_in_another_order_is_none_in_this_one(string sort)
    {
        using var page = await _admin.GetAsync(Relative("/api/devices?limit=1&sort=name"));
        var next = NextOf(page.Headers.GetValues("Link").Single());
        using var answer = await _admin.GetAsync(Relative(next.Replace("sort=name", $"sort={sort}", StringComparison.Ordinal)));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("after", out _));
    }

    [Fact]
    public async Task A_made_up_time_in_another_zone_is_a_place_too()
    {
        Assert.Empty(await NamesAsync(_admin, $"/api/devices?sort=created_at&after={After("created_at:2026-03-29T03:00:00+02:00")}"));
        Assert.Equal(4, (await NamesAsync(_admin, $"/api/devices?sort=-created_at&after={After("-created_at:2026-03-29T03:00:00+02:00")}")).Count);

        static string After(string place) => Base64Url.EncodeToString([.. Guid.Empty.ToByteArray(), .. Encoding.UTF8.GetBytes(place)]);
    }

    [Theory]
    [InlineData("/api/devices?limit=3", 2)]
    [InlineData("/api/devices?limit=1&sort=-name", 4)]
    [InlineData("/api/devices?limit=1&sort=created_at", 4)]
    [InlineData("/api/devices?limit=1&sort=-created_at", 4)]
    [InlineData("/api/devices?limit=3&sort=max_consumption", 2)]
    [InlineData("/api/devices?limit=1&sort=price", 4)]
    [InlineData("/api/devices?limit=1&sort=-price", 4)]
    [InlineData("/api/devices?limit=1&sort=-time_zone", 4)]
    [InlineData("/api/devices?limit=1", 4)]
    [InlineData("/api/devices?limit=4", 1)]
    [InlineData("/api/devices?limit=1&search=e", 4)]
    [InlineData("/api/mappings?limit=2", 3)]
    [InlineData("/api/mappings/user/00000000-0000-7000-8000-0000000000a1/devices?limit=2", 2)]
    public async Task Following_the_links_shows_each_row_once(string path, int pages)
    {
        var all = await IdsAsync(path.Replace("limit=", "limit=100&was=", StringComparison.Ordinal));

        var seen = new List<Guid>();
        var read = 0;
        for (var next = path; next is not null; read++)
        {
            using var answer = await _admin.GetAsync(Relative(next));
            seen.AddRange((await answer.Content.ReadFromJsonAsync<List<Row>>())!.Select(row => row.Id));
            next = answer.Headers.TryGetValues("Link", out var links) ? NextOf(links.Single()) : null;
        }

        Assert.Equal(all, seen);
        Assert.Equal(pages, read);
    }

    [Fact]
    public async Task Mappings_have_the_fields_of_the_contract()
    {
        var mappings = await _alice.GetFromJsonAsync<List<JsonElement>>(Relative("/api/mappings"));

        Assert.Equal(3, mappings!.Count);
        Assert.All(mappings, mapping =>
        {
            Assert.Equal(
                ["assigned_at", "device_id", "device_name", "id", "is_assigned", "periods", "time_zone", "user_id", "user_username"],
                mapping.EnumerateObject().Select(field => field.Name).Order());
            Assert.Equal(DevelopmentData.Alice, mapping.GetProperty("user_id").GetGuid());
        });
        Assert.Equal("Heat pump", mappings[0].GetProperty("device_name").GetString());
    }

    [Fact]
    public async Task An_admin_sees_all_mappings_and_a_client_their_own()
    {
        Assert.Equal(5, (await _admin.GetFromJsonAsync<List<Row>>(Relative("/api/mappings")))!.Count);
        Assert.Equal(2, (await _bob.GetFromJsonAsync<List<Row>>(Relative("/api/mappings")))!.Count);
        Assert.Empty((await _stranger.GetFromJsonAsync<List<Row>>(Relative("/api/mappings")))!);
    }

    [Fact]
    public async Task The_devices_of_a_user_are_for_that_user_and_admins()
    {
        var ofBob = $"/api/mappings/user/{DevelopmentData.Bob}/devices";

        Assert.Equal(["Car charger", "Shared laundry"], await NamesAsync(_bob, ofBob));
        Assert.Equal(["Car charger", "Shared laundry"], await NamesAsync(_admin, ofBob));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_alice, ofBob));
        Assert.Empty(await NamesAsync(_admin, $"/api/mappings/user/{Guid.NewGuid()}/devices"));
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private static string NextOf(string link)
    {
        Assert.EndsWith("; rel=\"next\"", link, StringComparison.Ordinal);

        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(Relative(path));
        return answer.StatusCode;
    }

    private static async Task<List<string>> NamesAsync(HttpClient client, string path) =>
        (await client.GetFromJsonAsync<List<DeviceResponse>>(Relative(path)))!.ConvertAll(device => device.Name);

    private async Task<List<Guid>> IdsAsync(string path) => (await _admin.GetFromJsonAsync<List<Row>>(Relative(path)))!.ConvertAll(row => row.Id);

    private sealed record Row(Guid Id);
}
