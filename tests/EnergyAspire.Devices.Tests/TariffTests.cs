using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using EnergyAspire.Testing;

namespace EnergyAspire.Devices.Tests;

/// <summary>Tariffs, and which device has which since when.</summary>
public sealed class TariffTests(ChangingService service) : IClassFixture<ChangingService>
{
    [Fact]
    public async Task A_tariff_is_added_changed_and_deleted_and_everybody_is_told()
    {
        using var added = await service.Admin.PostAsJsonAsync("/api/tariffs", Body());
        var tariff = (await added.JsonAsync()).GetProperty("tariff");
        var id = tariff.GetProperty("id").GetGuid();
        using var same = await PutAsync(id, Body());
        using var changed = await PutAsync(id, Body(name: "  Day  and night ", validUntil: "2030-12-31"));
        using var read = await service.Admin.GetAsync(new Uri($"/api/tariffs/{id}", UriKind.Relative));
        using var deleted = await service.Admin.DeleteAsync(new Uri($"/api/tariffs/{id}", UriKind.Relative));
        using var gone = await service.Admin.GetAsync(new Uri($"/api/tariffs/{id}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        using var prices = JsonDocument.Parse("""[{"from":"2026-01-01","unit_price":0.34,"times":[{"unit_price":0.27,"from_hour":22,"until_hour":6,"weekdays":[6,7],"months":[]}],"base_price_per_day":0,"base_price_per_month":12.5,"feed_in_price":0.08}]""");
        Assert.True(JsonElement.DeepEquals(prices.RootElement, tariff.GetProperty("prices")));
        Assert.Equal(["\"1\"", "\"1\"", "\"2\"", "\"2\""], new[] { added, same, changed, read }.Select(answer => answer.Headers.ETag?.Tag));
        Assert.Equal("Day and night", (await read.JsonAsync()).GetProperty("name").GetString());
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted.StatusCode, gone.StatusCode));
        var events = await service.EventsOfAsync(id);
        Assert.Equal([("tariff_updated", 1L), ("tariff_updated", 2), ("tariff_deleted", 3)], events.Select(seen => (seen.Type, seen.Version)));
        Assert.True(JsonElement.DeepEquals(tariff.GetProperty("prices"), events[0].Data.GetProperty("prices")));
        var audit = (await service.AuditAsync("limit=1000")).Where(record => record.GetRawText().Contains($"{id}", StringComparison.Ordinal));
        Assert.Equal(["tariff_deleted", "tariff_updated", "tariff_created"], audit.Select(record => record.GetProperty("action").GetString()));
    }

    public static TheoryData<string, string> WrongFields => new()
    {
        { "name", "\"\"" }, { "name", "null" }, { "name", "\"a\\u0007b\"" },
        { "currency", "null" }, { "currency", "\"eur\"" }, { "currency", "\"EURO\"" },
        { "prices", "null" }, { "prices", "[]" }, { "prices", "[null]" }, { "prices", "[{}]" },
        { "prices", """[{"unit_price":0.3},{"unit_price":0.4}]""" },
        { "prices", """[{"from":"2026-02-01","unit_price":0.3},{"from":"2026-02-01","unit_price":0.4}]""" },
        { "prices", """[{"from":"1066-02-01","unit_price":0.3}]""" },
        { "prices", """[{"unit_price":1000001}]""" },
        { "prices", """[{"unit_price":0.123456789}]""" },
        { "prices", """[{"unit_price":0.3,"base_price_per_day":-1}]""" },
        { "prices", """[{"unit_price":0.3,"base_price_per_month":0.000000001}]""" },
        { "prices", """[{"unit_price":0.3,"feed_in_price":-1000001}]""" },
        { "prices", """[{"unit_price":0.3,"feed_in_price":0.123456789}]""" },
        { "prices", """[{"unit_price":0.3,"times":[null]}]""" },
        { "prices", """[{"unit_price":0.3,"times":[{"from_hour":1}]}]""" },
        { "prices", """[{"unit_price":0.3,"times":[{"unit_price":1,"from_hour":24}]}]""" },
        { "prices", """[{"unit_price":0.3,"times":[{"unit_price":1,"until_hour":0}]}]""" },
        { "prices", """[{"unit_price":0.3,"times":[{"unit_price":1,"from_hour":5,"until_hour":5}]}]""" },
        { "prices", """[{"unit_price":0.3,"times":[{"unit_price":1,"weekdays":[0]}]}]""" },
        { "prices", """[{"unit_price":0.3,"times":[{"unit_price":1,"months":[13]}]}]""" },
        { "valid_until", "\"2025-12-31\"" },
    };

    [Theory]
    [MemberData(nameof(WrongFields))]
    public async Task A_wrong_field_is_named_and_nothing_is_added_or_changed(string field, string value)
    {
        var wrong = JsonNode.Parse(JsonSerializer.Serialize(Body()))!;
        wrong[field] = JsonNode.Parse(value);
        var id = await NewTariffAsync();

        using var added = await service.Admin.PostAsJsonAsync("/api/tariffs", wrong);
        using var changed = await PutAsync(id, wrong);

        Assert.Equal([field], await added.FieldsInErrorAsync());
        Assert.Equal([field], await changed.FieldsInErrorAsync());
        Assert.Single(await service.EventsOfAsync(id));
    }

    [Fact]
    public async Task The_currency_of_a_tariff_never_changes_and_a_device_s_tariffs_have_one_currency()
    {
        var (euros, francs, device) = (await NewTariffAsync(), await NewTariffAsync("CHF"), await service.NewDeviceAsync());

        using var changed = await PutAsync(euros, Body("CHF"));
        using var mixed = await SetAsync(device, (euros, null), (francs, "2026-06-01"));

        Assert.Equal(["currency"], await changed.FieldsInErrorAsync());
        Assert.Equal(["tariffs"], await mixed.FieldsInErrorAsync());
    }

    [Fact]
    public async Task A_device_gets_tariffs_by_date_and_everybody_is_told()
    {
        var (device, one, other) = (await service.NewDeviceAsync(), await NewTariffAsync(), await NewTariffAsync());

        using var first = await SetAsync(device, (one, "2026-01-01"));
        using var same = await SetAsync(device, (one, "2026-01-01"));
        using var more = await SetAsync(device, (one, null), (null, "2026-06-01"), (other, "2150-01-01"));
        using var renamed = await service.ChangeAsync(HttpMethod.Put, device, new { name = "Another" });

        Assert.Equal(["\"2\"", "\"2\"", "\"3\"", "\"4\""], new[] { first, same, more, renamed }.Select(answer => answer.Headers.ETag?.Tag));
        var wanted = $$"""[{"tariff_id":"{{one}}","from":null},{"tariff_id":null,"from":"2026-06-01"},{"tariff_id":"{{other}}","from":"2150-01-01"}]""";
        Assert.Equal(wanted, (await renamed.JsonAsync()).GetProperty("device").GetProperty("tariffs").GetRawText());
        var events = await service.EventsOfAsync(device);
        Assert.Equal(
            ["[]", $$"""[{"tariff_id":"{{one}}","from":"2026-01-01"}]""", wanted, wanted],
            events.Select(seen => JsonSerializer.Serialize(seen.Data.GetProperty("tariffs").EnumerateArray().Select(entry => new { tariff_id = entry.GetProperty("tariff_id"), from = entry.GetProperty("from") }))));
        Assert.Equal(
            ["device_updated", "device_tariffs_changed", "device_tariffs_changed", "device_created"],
            (await service.AuditAsync($"device_id={device}")).Select(record => record.GetProperty("action").GetString()));
    }

    public static TheoryData<string> WrongLists =>
    [
        "null", """[null]""",
        """[{"tariff_id":"ID"},{"tariff_id":null}]""",
        """[{"tariff_id":"ID","from":"2026-02-01"},{"tariff_id":null,"from":"2026-02-01"}]""",
        """[{"tariff_id":"ID","from":"1066-02-01"}]""",
        """[{"tariff_id":"11111111-0000-7000-8000-000000000001"}]""",
    ];

    [Theory]
    [MemberData(nameof(WrongLists))]
    public async Task A_wrong_list_of_a_device_s_tariffs_is_refused_and_changes_nothing(string list)
    {
        var (device, tariff) = (await service.NewDeviceAsync(), await NewTariffAsync());

        using var content = new StringContent($$"""{"tariffs":{{list.Replace("ID", $"{tariff}", StringComparison.Ordinal)}}}""", new global::System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var answer = await service.Admin.PutAsync(new Uri($"/api/devices/{device}/tariffs", UriKind.Relative), content);

        Assert.Equal(["tariffs"], await answer.FieldsInErrorAsync());
        Assert.Single(await service.EventsOfAsync(device));
    }

    [Fact]
    public async Task A_tariff_that_a_device_has_or_had_is_not_deleted()
    {
        var (device, tariff) = (await service.NewDeviceAsync(), await NewTariffAsync());
        await SetAsync(device, (tariff, null), (null, "2026-06-01"));

        using var refused = await service.Admin.DeleteAsync(new Uri($"/api/tariffs/{tariff}", UriKind.Relative));
        await SetAsync(device);
        using var deleted = await service.Admin.DeleteAsync(new Uri($"/api/tariffs/{tariff}", UriKind.Relative));

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.NoContent), (refused.StatusCode, deleted.StatusCode));
        Assert.Contains("1 device has or had this tariff", (await refused.JsonAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_device_gets_a_tariff_that_is_deleted_at_the_same_moment()
    {
        for (var round = 0; round < 10; round++)
        {
            var (device, tariff) = (await service.NewDeviceAsync(), await NewTariffAsync());

            var answers = await Task.WhenAll(SetAsync(device, (tariff, null)), service.Admin.DeleteAsync(new Uri($"/api/tariffs/{tariff}", UriKind.Relative)));

            Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        }
    }

    [Fact]
    public async Task A_client_sees_the_tariffs_of_their_devices_and_only_admins_change_any()
    {
        var (user, device, own, other) = (await service.NewUserAsync(), await service.NewDeviceAsync(), await NewTariffAsync(), await NewTariffAsync());
        await service.AssignAsync(user, device);
        await SetAsync(device, (own, null));
        using var client = service.Host.ClientOf(user);

        var seen = await client.GetFromJsonAsync<List<JsonElement>>(new Uri("/api/tariffs", UriKind.Relative));
        using var read = await client.GetAsync(new Uri($"/api/tariffs/{own}", UriKind.Relative));
        using var hidden = await client.GetAsync(new Uri($"/api/tariffs/{other}", UriKind.Relative));
        HttpResponseMessage[] refused =
        [
            await client.PostAsJsonAsync("/api/tariffs", Body()), await client.PutAsJsonAsync($"/api/tariffs/{own}", Body()),
            await client.DeleteAsync(new Uri($"/api/tariffs/{own}", UriKind.Relative)), await client.PutAsJsonAsync($"/api/devices/{device}/tariffs", new { tariffs = Array.Empty<object>() }),
        ];

        Assert.Equal([own], seen!.Select(tariff => tariff.GetProperty("id").GetGuid()));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (read.StatusCode, hidden.StatusCode));
        Assert.All(refused, answer => Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode));
    }

    [Fact]
    public async Task A_change_and_a_deletion_are_guarded_by_the_version()
    {
        var tariff = await NewTariffAsync();
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, new Uri($"/api/tariffs/{tariff}", UriKind.Relative)) { Headers = { { "If-Match", "\"7\"" } }, Content = JsonContent.Create(Body()) };
            using var answer = await service.Admin.SendAsync(request);
            Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Replicas_get_every_tariff_with_its_version()
    {
        var tariffs = new[] { await NewTariffAsync(), await NewTariffAsync("CHF") };
        using var replica = service.Host.ClientWith(TestTokens.ForReplica());

        var listed = (await replica.GetFromJsonAsync<List<JsonElement>>(new Uri("/internal/tariffs?limit=1000", UriKind.Relative)))!;

        var ours = listed.Where(tariff => tariffs.Contains(tariff.GetProperty("id").GetGuid())).ToList();
        Assert.Equal(["EUR", "CHF"], ours.Select(tariff => tariff.GetProperty("currency").GetString()));
        Assert.Equal(["currency", "id", "name", "prices", "valid_until", "version"], ours[0].EnumerateObject().Select(field => field.Name).Order());
    }

    private static object Body(string currency = "EUR", string name = "Tariff", string? validUntil = null) => new
    {
        name,
        currency,
        prices = new[] { new { from = "2026-01-01", unit_price = "0.34", times = new[] { new { unit_price = 0.27, from_hour = 22, until_hour = 6, weekdays = new[] { 7, 6, 7 } } }, base_price_per_month = 12.5, feed_in_price = "0.08" } },
        valid_until = validUntil,
    };

    private async Task<Guid> NewTariffAsync(string currency = "EUR")
    {
        using var answer = await service.Admin.PostAsJsonAsync("/api/tariffs", Body(currency));
        return (await answer.JsonAsync()).GetProperty("tariff").GetProperty("id").GetGuid();
    }

    private Task<HttpResponseMessage> PutAsync(Guid tariff, object body) => service.Admin.PutAsJsonAsync($"/api/tariffs/{tariff}", body);

    private Task<HttpResponseMessage> SetAsync(Guid device, params (Guid? Tariff, string? From)[] tariffs) => service.Admin.PutAsJsonAsync(
        $"/api/devices/{device}/tariffs", new { tariffs = tariffs.Select(tariff => new { tariff_id = tariff.Tariff, from = tariff.From }) });
}
