using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Tests;

/// <summary>A device produces, and the feed-in of a two-way meter is a device of its own.</summary>
public sealed class FeedInTests(ChangingService service) : IClassFixture<ChangingService>
{
    private const string Devices = "/api/devices";

    private static readonly DateTimeOffset Yesterday = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(-1);

    [Fact]
    public async Task A_device_consumes_unless_it_is_said_to_produce()
    {
        using var consumer = await service.Admin.PostAsJsonAsync(Devices, new { name = "Oven", max_consumption = 1 });
        using var inverter = await service.Admin.PostAsJsonAsync(Devices, new { name = "Inverter", max_consumption = 1, direction = "production" });
        var (one, other) = ((await consumer.JsonAsync()).GetProperty("device"), (await inverter.JsonAsync()).GetProperty("device"));
        using var corrected = await service.Admin.PutAsJsonAsync($"{Devices}/{one.GetProperty("id").GetGuid()}", new { direction = "production" });
        using var wrong = await service.Admin.PutAsJsonAsync($"{Devices}/{one.GetProperty("id").GetGuid()}", new { direction = "up" });

        Assert.Equal(["consumption", "production"], new[] { one, other }.Select(DirectionOf));
        Assert.Equal("production", DirectionOf((await corrected.JsonAsync()).GetProperty("device")));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(["consumption", "production"], (await service.EventsOfAsync(one.GetProperty("id").GetGuid())).Select(sent => DirectionOf(sent.Data)));
    }

    [Fact]
    public async Task A_feed_in_has_the_production_registers_of_the_meters_also_when_they_are_replaced()
    {
        var (device, meter, next) = (await NewDeviceAsync(new { name = "Grid", max_consumption = 1, time_zone = "Asia/Kathmandu", reporting_interval_seconds = 900 }), Guid.NewGuid(), Guid.NewGuid());
        using var before = await SetMetersAsync(device, (device, null), (meter, Yesterday));
        var feedIn = await NewDeviceAsync(new { name = "Feed-in", max_consumption = 1, feed_in_of = device });

        var created = await ReadAsync(feedIn);
        Assert.Equal(("production", device), (DirectionOf(created), created.GetProperty("feed_in_of").GetGuid()));
        Assert.Equal(("Asia/Kathmandu", 900), (created.GetProperty("time_zone").GetString(), created.GetProperty("reporting_interval_seconds").GetInt32()));
        Assert.Equal([new(TwoWayMeter.ProductionId(device), null), new(TwoWayMeter.ProductionId(meter), Yesterday)], MetersOf(created));

        using var replaced = await SetMetersAsync(device, (device, null), (next, Yesterday));
        Assert.Equal([new(TwoWayMeter.ProductionId(device), null), new(TwoWayMeter.ProductionId(next), Yesterday)], MetersOf(await ReadAsync(feedIn)));
        Assert.Equal([1L, 2], (await service.EventsOfAsync(feedIn)).Select(sent => sent.Version));
        Assert.Contains("device_meters_changed", (await service.AuditAsync($"device_id={feedIn}")).Select(record => record.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task A_device_that_consumes_has_one_feed_in_whose_meters_follow_its_own()
    {
        var device = await NewDeviceAsync(new { name = "Grid", max_consumption = 1 });
        var feedIn = await NewDeviceAsync(new { name = "Feed-in", max_consumption = 1, feed_in_of = device });

        using var second = await service.Admin.PostAsJsonAsync(Devices, new { name = "Feed-in", max_consumption = 1, feed_in_of = device });
        using var nested = await service.Admin.PostAsJsonAsync(Devices, new { name = "Feed-in", max_consumption = 1, feed_in_of = feedIn });
        using var consuming = await service.Admin.PostAsJsonAsync(Devices, new { name = "Feed-in", max_consumption = 1, feed_in_of = await NewDeviceAsync(new { name = "Grid", max_consumption = 1 }), direction = "consumption" });
        using var turned = await service.Admin.PutAsJsonAsync($"{Devices}/{feedIn}", new { direction = "consumption" });
        using var noConsumer = await service.Admin.PutAsJsonAsync($"{Devices}/{device}", new { direction = "production" });
        using var elsewhere = await service.Admin.PutAsJsonAsync($"{Devices}/{feedIn}", new { time_zone = "Asia/Tokyo" });
        using var apart = await SetMetersAsync(feedIn, (Guid.NewGuid(), null));

        using var found = await service.Admin.GetAsync(new Uri($"{Devices}?feed_in_of={device}", UriKind.Relative));
        using var unreadable = await service.Admin.GetAsync(new Uri($"{Devices}?feed_in_of=grid", UriKind.Relative));

        Assert.Equal([feedIn], (await found.JsonAsync()).EnumerateArray().Select(one => one.GetProperty("id").GetGuid()));
        Assert.Equal(["feed_in_of"], await unreadable.FieldsInErrorAsync());
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Contains($"{feedIn}", (await second.JsonAsync()).GetProperty("detail").GetString());
        Assert.All([nested, consuming, turned, noConsumer, elsewhere], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.Equal(HttpStatusCode.Conflict, apart.StatusCode);
        Assert.Contains("“Grid”", (await apart.JsonAsync()).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_feed_in_moves_to_another_time_zone_with_its_device()
    {
        var device = await NewDeviceAsync(new { name = "Grid", max_consumption = 1, time_zone = "UTC" });
        using var elsewhere = await service.Admin.PostAsJsonAsync(Devices, new { name = "Feed-in", max_consumption = 1, feed_in_of = device, time_zone = "Asia/Tokyo" });
        var feedIn = await NewDeviceAsync(new { name = "Feed-in", max_consumption = 1, feed_in_of = device });

        using var moved = await service.Admin.PutAsJsonAsync($"{Devices}/{device}", new { time_zone = "Europe/Berlin" });
        using var again = await service.Admin.PutAsJsonAsync($"{Devices}/{device}", new { time_zone = "Europe/Berlin" });

        Assert.Equal(["time_zone"], await elsewhere.FieldsInErrorAsync());
        Assert.Equal("Europe/Berlin", (await ReadAsync(feedIn)).GetProperty("time_zone").GetString());
        Assert.Equal([1L, 2], (await service.EventsOfAsync(feedIn)).Select(sent => sent.Version));
        Assert.Equal(["device_updated", "device_created"], (await service.AuditAsync($"device_id={feedIn}")).Select(record => record.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task A_deleted_feed_in_can_be_made_again_and_one_whose_device_is_deleted_keeps_its_meters()
    {
        var device = await NewDeviceAsync(new { name = "Grid", max_consumption = 1 });
        var first = await NewDeviceAsync(new { name = "Feed-in", max_consumption = 1, feed_in_of = device });
        using var deleted = await service.Admin.DeleteAsync(new Uri($"{Devices}/{first}", UriKind.Relative));
        var again = await NewDeviceAsync(new { name = "Feed-in", max_consumption = 1, feed_in_of = device });
        using var gone = await service.Admin.DeleteAsync(new Uri($"{Devices}/{device}", UriKind.Relative));
        var (kept, other) = (await ReadAsync(again), Guid.NewGuid());
        using var own = await SetMetersAsync(again, (other, null));

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.OK], new[] { deleted, gone, own }.Select(answer => answer.StatusCode));
        Assert.Equal([new(TwoWayMeter.ProductionId(device), null)], MetersOf(kept));
        Assert.Equal([new(other, null)], MetersOf(await ReadAsync(again)));
    }

    private static string? DirectionOf(JsonElement device) => device.GetProperty("direction").GetString();

    private static List<DeviceMeter> MetersOf(JsonElement device) =>
        [.. device.GetProperty("meters").EnumerateArray().Select(meter => new DeviceMeter(meter.GetProperty("meter_id").GetGuid(), meter.GetProperty("from").Deserialize<DateTimeOffset?>()))];

    private async Task<Guid> NewDeviceAsync(object device)
    {
        using var answer = await service.Admin.PostAsJsonAsync(Devices, device);
        answer.EnsureSuccessStatusCode();

        return (await answer.JsonAsync()).GetProperty("device").GetProperty("id").GetGuid();
    }

    private async Task<JsonElement> ReadAsync(Guid device)
    {
        using var answer = await service.Admin.GetAsync(new Uri($"{Devices}/{device}", UriKind.Relative));
        return await answer.EnsureSuccessStatusCode().JsonAsync();
    }

    private Task<HttpResponseMessage> SetMetersAsync(Guid device, params (Guid Id, DateTimeOffset? From)[] meters) =>
        service.Admin.PutAsJsonAsync($"{Devices}/{device}/meters", new { meters = meters.Select(meter => new { meter_id = meter.Id, from = meter.From }) });
}
