using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Devices.Tests;

/// <summary>The meter of a device is replaced, from a moment on.</summary>
public sealed class MeterTests(ChangingService service) : IClassFixture<ChangingService>
{
    private static readonly DateTimeOffset Yesterday = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(-1);

    [Fact]
    public async Task A_device_gets_a_new_meter_now_or_when_it_says_and_everybody_is_told()
    {
        var (device, meter, next) = (await service.NewDeviceAsync(), Guid.NewGuid(), Guid.NewGuid());

        using var dated = await SetAsync(device, (device, null), (meter, Yesterday.ToOffset(TimeSpan.FromHours(5.5))));
        var before = DateTimeOffset.UtcNow;
        using var now = await SetAsync(device, (device, null), (meter, Yesterday), (next, null));

        Assert.Equal("\"2\"", dated.Headers.ETag?.Tag);
        Assert.Equal([new(device, null), new(meter, Yesterday)], await MetersAsync(dated));
        var meters = await MetersAsync(now);
        Assert.Equal([new(device, null), new(meter, Yesterday), new(next, meters[2].From)], meters);
        Assert.InRange(meters[2].From!.Value, before.AddSeconds(-1), DateTimeOffset.UtcNow);
        using var read = await service.Admin.GetAsync(new Uri($"/api/devices/{device}", UriKind.Relative));
        Assert.Equal(meters, MetersOf(await read.JsonAsync()));
        var events = await service.EventsOfAsync(device);
        Assert.Equal([("device_created", 1L), ("device_updated", 2), ("device_updated", 3)], events.Select(seen => (seen.Type, seen.Version)));
        Assert.Empty(MetersOf(events[0].Data));
        Assert.Equal(meters, MetersOf(events[2].Data));
        Assert.Equal(meters, MetersOf((await ListedAsync()).Single(listed => listed.GetProperty("id").GetGuid() == device)));
    }

    [Fact]
    public async Task A_replacement_is_corrected_and_undone_and_what_is_there_already_changes_nothing()
    {
        var (device, meter) = (await service.NewDeviceAsync(), Guid.NewGuid());
        using var set = await SetAsync(device, (device, null), (meter, null));
        using var again = await SetAsync(device, (device, null), (meter, null));
        using var corrected = await SetAsync(device, (device, null), (meter, Yesterday));
        using var undone = await SetAsync(device, (device, null));
        using var empty = await SetAsync(device);

        Assert.Equal(await MetersAsync(set), await MetersAsync(again));
        Assert.Equal(["\"2\"", "\"2\"", "\"3\"", "\"4\"", "\"4\""], new[] { set, again, corrected, undone, empty }.Select(answer => answer.Headers.ETag?.Tag));
        Assert.Equal([new(device, null), new(meter, Yesterday)], await MetersAsync(corrected));
        Assert.Empty(await MetersAsync(undone));
        var audit = await service.AuditAsync($"device_id={device}");
        Assert.Equal(
            ["device_meters_changed", "device_meters_changed", "device_meters_changed", "device_created"], audit.Select(record => record.GetProperty("action").GetString()));
        Assert.Equal([new(device, null), new(meter, Yesterday)], MetersOf(audit[0].GetProperty("before")));
        Assert.Empty(MetersOf(audit[0].GetProperty("after")));
    }

    [Fact]
    public async Task Other_changes_of_a_device_keep_its_meters_and_its_first_meter_may_have_another_id()
    {
        var (device, meter) = (await service.NewDeviceAsync(), Guid.NewGuid());
        await SetAsync(device, (meter, null));

        using var renamed = await service.ChangeAsync(HttpMethod.Put, device, new { name = "Another" });

        Assert.Equal([new(meter, null)], await MetersAsync(renamed));
    }

    public static TheoryData<string> WrongLists =>
    [
        "null", "{}", "7",
        """[{"meter_id":null}]""",
        """[{"meter_id":"00000000-0000-0000-0000-000000000000"}]""",
        """[null]""",
        """[{"meter_id":"ID","from":"2026-01-01T00:00:00Z"}]""",
        """[{"meter_id":"ID"},{"meter_id":"11111111-0000-7000-8000-000000000001"},{"meter_id":"11111111-0000-7000-8000-000000000002"}]""",
        """[{"meter_id":"ID"},{"meter_id":"ID","from":"2026-01-01T00:00:00Z"}]""",
        """[{"meter_id":"ID"},{"meter_id":"11111111-0000-7000-8000-000000000001","from":"2026-02-01T00:00:00Z"},{"meter_id":"11111111-0000-7000-8000-000000000002","from":"2026-02-01T00:00:00Z"}]""",
        """[{"meter_id":"ID"},{"meter_id":"11111111-0000-7000-8000-000000000001","from":"2150-01-01T00:00:00Z"}]""",
        """[{"meter_id":"ID"},{"meter_id":"11111111-0000-7000-8000-000000000001","from":"0001-01-01T00:00:00Z"}]""",
        """[{"meter_id":"ID","until":null}]""",
    ];

    [Theory]
    [MemberData(nameof(WrongLists))]
    public async Task A_list_that_makes_no_sense_is_refused(string meters)
    {
        var device = await service.NewDeviceAsync();

        using var body = new StringContent($$"""{"meters":{{meters.Replace("ID", device.ToString(), StringComparison.Ordinal)}}}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var answer = await service.Admin.PutAsync(new Uri($"/api/devices/{device}/meters", UriKind.Relative), body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Single(await service.EventsOfAsync(device));
    }

    [Fact]
    public async Task There_are_at_most_a_hundred_meters()
    {
        var device = await service.NewDeviceAsync();

        using var answer = await SetAsync(device, [.. Enumerable.Range(0, 101).Select(day => (Guid.NewGuid(), day == 0 ? (DateTimeOffset?)null : Yesterday.AddDays(day - 200)))]);

        Assert.Equal(["meters"], await answer.FieldsInErrorAsync());
    }

    [Fact]
    public async Task A_meter_measures_for_one_device_at_a_time()
    {
        var (one, other, meter) = (await service.NewDeviceAsync("One"), await service.NewDeviceAsync("Other"), Guid.NewGuid());
        await SetAsync(one, (one, null), (meter, Yesterday), (Guid.NewGuid(), Yesterday.AddHours(6)));

        using var ownOfOther = await SetAsync(other, (one, null));
        using var ownAtThatTime = await SetAsync(other, (other, null), (one, Yesterday.AddHours(-1)));
        using var overlapping = await SetAsync(other, (other, null), (meter, Yesterday.AddHours(5)));
        using var registered = await service.Admin.PostAsJsonAsync("/api/devices", new { id = meter, name = "Meter", max_consumption = 1 });

        foreach (var answer in new[] { ownOfOther, ownAtThatTime, overlapping, registered })
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        var detail = (await overlapping.JsonAsync()).GetProperty("detail").GetString()!;
        Assert.Contains($"{meter}", detail, StringComparison.Ordinal);
        Assert.Contains("“One”", detail, StringComparison.Ordinal);
        Assert.Contains($"since {Yesterday:yyyy-MM-dd}T00:00:00Z until {Yesterday:yyyy-MM-dd}T06:00:00Z", detail, StringComparison.Ordinal);
        Assert.Single(await service.EventsOfAsync(other));
    }

    /// <summary>A meter that was repaired is installed elsewhere, also the one that the device has its id of.</summary>
    [Fact]
    public async Task A_meter_that_was_replaced_may_measure_for_another_device_afterwards()
    {
        var (one, other, meter) = (await service.NewDeviceAsync(), await service.NewDeviceAsync(), Guid.NewGuid());
        await SetAsync(one, (one, null), (meter, Yesterday), (Guid.NewGuid(), Yesterday.AddHours(6)));

        using var answer = await SetAsync(other, (other, null), (one, Yesterday), (meter, Yesterday.AddHours(6)));
        using var undone = await SetAsync(one);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, undone.StatusCode);
    }

    [Fact]
    public async Task The_meters_of_a_deleted_device_are_free()
    {
        var (gone, device, meter) = (await service.NewDeviceAsync(), await service.NewDeviceAsync(), Guid.NewGuid());
        await SetAsync(gone, (gone, null), (meter, Yesterday));
        await service.ChangeAsync(HttpMethod.Delete, gone);

        using var answer = await SetAsync(device, (gone, null), (meter, Yesterday));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Of_many_devices_that_want_a_meter_at_once_one_gets_it()
    {
        for (var round = 0; round < 5; round++)
        {
            var meter = Guid.NewGuid();
            var devices = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => service.NewDeviceAsync()));

            var answers = await Task.WhenAll(
            [
                .. devices.Select(device => SetAsync(device, (device, null), (meter, Yesterday))),
                .. Enumerable.Range(0, 4).Select(_ => service.Admin.PostAsJsonAsync("/api/devices", new { id = meter, name = "Meter", max_consumption = 1 })),
            ]);

            Assert.Single(answers, answer => answer.IsSuccessStatusCode);
            Assert.All(answers.Where(answer => !answer.IsSuccessStatusCode), answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        }
    }

    [Fact]
    public async Task Two_devices_that_want_to_swap_meters_at_once_do_not_block_each_other()
    {
        var (one, other) = (await service.NewDeviceAsync(), await service.NewDeviceAsync());

        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(SetAsync(one, (one, null), (other, Yesterday)), SetAsync(other, (other, null), (one, Yesterday)));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        }
    }

    [Fact]
    public async Task A_change_is_guarded_by_the_version_and_only_admins_make_it()
    {
        var (device, meter) = (await service.NewDeviceAsync(), Guid.NewGuid());
        using var guarded = new HttpRequestMessage(HttpMethod.Put, new Uri($"/api/devices/{device}/meters", UriKind.Relative))
        {
            Headers = { { "If-Match", "\"7\"" } },
            Content = JsonContent.Create(new { meters = new[] { new { meter_id = meter } } }),
        };

        using var outdated = await service.Admin.SendAsync(guarded);
        using var client = service.Host.ClientOf(DevelopmentData.Alice);
        using var forbidden = await client.PutAsJsonAsync($"/api/devices/{device}/meters", new { meters = Array.Empty<object>() });
        using var absent = await SetAsync(Guid.NewGuid());

        Assert.Equal(HttpStatusCode.PreconditionFailed, outdated.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
    }

    private Task<HttpResponseMessage> SetAsync(Guid device, params (Guid Meter, DateTimeOffset? From)[] meters) => service.Admin.PutAsJsonAsync(
        $"/api/devices/{device}/meters", new { meters = meters.Select(meter => new { meter_id = meter.Meter, from = meter.From }) });

    private async Task<List<JsonElement>> ListedAsync()
    {
        using var replica = service.Host.ClientWith(TestTokens.ForReplica());
        return (await replica.GetFromJsonAsync<List<JsonElement>>(new Uri("/internal/devices?limit=1000", UriKind.Relative)))!;
    }

    private static async Task<DeviceMeter[]> MetersAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return MetersOf((await answer.JsonAsync()).GetProperty("device"));
    }

    private static DeviceMeter[] MetersOf(JsonElement device) => [.. device.GetProperty("meters").EnumerateArray().Select(meter => new DeviceMeter(
        meter.GetProperty("meter_id").GetGuid(), meter.TryGetProperty("from", out var from) && from.ValueKind == JsonValueKind.String ? from.GetDateTimeOffset() : null))];
}
