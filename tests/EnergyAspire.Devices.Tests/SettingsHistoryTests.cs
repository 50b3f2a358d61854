using System.Net;
using System.Text.Json;
using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Devices;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Tests;

/// <summary>Limit, price and interval are valid from a time on, until their next change.</summary>
public sealed class SettingsHistoryTests(ChangingService service) : IClassFixture<ChangingService>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_was_valid_before_a_change_is_kept_and_told()
    {
        var device = await service.NewDeviceAsync();
        var before = DateTimeOffset.UtcNow;

        using var changed = await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.25m });
        using var same = await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.25m });
        using var renamed = await service.ChangeAsync(HttpMethod.Put, device, new { name = "Another" });

        var settings = Settings((await changed.JsonAsync()).GetProperty("device"));
        Assert.Equal(2, settings.Length);
        Assert.Equal(new DeviceSettings(null, 2m, null, 600), settings[0]);
        Assert.Equal(new DeviceSettings(settings[1].From, 2m, 0.25m, 600), settings[1]);
        Assert.InRange(settings[1].From!.Value, before.AddSeconds(-1), DateTimeOffset.UtcNow);
        Assert.Equal(settings, Settings((await same.JsonAsync()).GetProperty("device")));
        Assert.Equal(settings, Settings((await renamed.JsonAsync()).GetProperty("device")));
        var events = await service.EventsOfAsync(device);
        Assert.Equal([("device_created", 1L), ("device_updated", 2), ("device_updated", 3)], events.Select(seen => (seen.Type, seen.Version)));
        Assert.Equal(settings, Settings(events[1].Data));
        Assert.Equal(events[0].Data.GetProperty("exists_from").GetDateTimeOffset(), events[1].Data.GetProperty("exists_from").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_price_of_the_past_is_corrected_until_its_next_change()
    {
        var device = await service.NewDeviceAsync();
        await service.Host.WithAsync(db => db.Database.ExecuteSqlAsync($"update devices set created_at = {Start} where id = {device}"));
        await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.30m, valid_from = Start.AddDays(10) });
        await service.ChangeAsync(HttpMethod.Put, device, new { max_consumption = 4, valid_from = Start.AddDays(20) });
        await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.40m, valid_from = Start.AddDays(30) });

        using var corrected = await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.33m, valid_from = Start.AddDays(15).ToOffset(TimeSpan.FromHours(2)) });
        using var first = await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.20m, valid_from = Start.AddDays(-1) });

        DeviceSettings[] expected =
        [
            new(null, 2m, null, 600), new(Start.AddDays(10), 2m, 0.30m, 600), new(Start.AddDays(15), 2m, 0.33m, 600), new(Start.AddDays(20), 4m, 0.33m, 600),
            new(Start.AddDays(30), 4m, 0.40m, 600),
        ];
        Assert.Equal(expected, Settings((await corrected.JsonAsync()).GetProperty("device")));
        expected[0] = expected[0] with { Price = 0.20m };
        var last = (await first.JsonAsync()).GetProperty("device");
        Assert.Equal(expected, Settings(last));
        Assert.Equal(0.40m, last.GetProperty("price").GetDecimal());
        Assert.Equal("device_updated", (await service.AuditAsync($"device_id={device}"))[0].GetProperty("action").GetString());
    }

    /// <summary>A replica of the former version changes nothing but the present values.</summary>
    [Fact]
    public async Task What_a_replica_of_the_former_version_changed_is_kept()
    {
        var device = await service.NewDeviceAsync();
        await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.30m });
        await service.Host.WithAsync(db => db.Database.ExecuteSqlAsync($"update devices set price = 0.40, version = 3, updated_at = now() where id = {device}"));

        using var renamed = await service.ChangeAsync(HttpMethod.Put, device, new { name = "Another" });

        var changed = (await renamed.JsonAsync()).GetProperty("device");
        Assert.Equal(0.40m, changed.GetProperty("price").GetDecimal());
        Assert.Equal([null, 0.30m, 0.40m], Settings(changed).Select(settings => settings.Price));
    }

    [Fact]
    public async Task The_audit_has_the_history_before_and_after_a_correction_of_the_past()
    {
        var device = await service.NewDeviceAsync();
        await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.30m });
        await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.20m, valid_from = Start });

        var record = (await service.AuditAsync($"device_id={device}"))[0];

        Assert.Equal([null, 0.30m], Settings(record.GetProperty("before")).Select(settings => settings.Price));
        Assert.Equal([0.20m, 0.30m], Settings(record.GetProperty("after")).Select(settings => settings.Price));
    }

    [Fact]
    public async Task Nothing_becomes_valid_in_the_future()
    {
        var device = await service.NewDeviceAsync();

        using var answer = await service.ChangeAsync(HttpMethod.Put, device, new { price = 0.25m, valid_from = DateTimeOffset.UtcNow.AddHours(1) });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(["valid_from"], await answer.FieldsInErrorAsync());
        Assert.Single(await service.EventsOfAsync(device));
    }

    /// <summary>Against a list of the values of each day.</summary>
    [Fact]
    public void Each_value_is_valid_from_its_change_until_its_next_change() =>
        Gen.Select(Gen.Int[-1, 9], Gen.Int[0, 2], Gen.Int[1, 3]).Array[1, 12].Sample(changes =>
        {
            var device = new Device { Id = Guid.NewGuid(), Name = "Meter", MaxConsumption = 1, Price = 1, ReportingIntervalSeconds = 1, TimeZone = "UTC", CreatedAt = Start, UpdatedAt = Start };
            // Value by day; day 0 is before the first change.
            var days = Enumerable.Range(0, 3).Select(_ => Enumerable.Repeat(1, 11).ToArray()).ToArray();
            foreach (var (day, which, value) in changes)
            {
                device.ChangeSettings(
                    [
                        which switch
                        {
                            0 => new SettingChange(settings => settings.MaxConsumption, settings => settings with { MaxConsumption = value }),
                            1 => new SettingChange(settings => settings.Price, settings => settings with { Price = value }),
                            _ => new SettingChange(settings => settings.ReportingIntervalSeconds, settings => settings with { ReportingIntervalSeconds = value }),
                        },
                    ],
                    Start.AddDays(day));
                var (values, first) = (days[which], Math.Max(day, 0));
                var before = values[first];
                for (var next = first; next < values.Length && values[next] == before; next++)
                    values[next] = value;
            }

            var history = device.Settings is [] ? [device.CurrentSettings] : device.Settings;
            return history[0].From is null
                && history.Zip(history.Skip(1)).All(pair => !(pair.Second.From <= pair.First.From) && pair.First with { From = null } != pair.Second with { From = null })
                && history[^1] == device.CurrentSettings
                && Enumerable.Range(0, 11).All(day =>
                {
                    var valid = history.Last(settings => settings.From is null || settings.From <= Start.AddDays(day));
                    return (valid.MaxConsumption, valid.Price, valid.ReportingIntervalSeconds) == (days[0][day], days[1][day], days[2][day]);
                });
        });

    private static DeviceSettings[] Settings(JsonElement device) => [.. device.GetProperty("settings").EnumerateArray().Select(settings => new DeviceSettings(
        settings.TryGetProperty("from", out var from) && from.ValueKind == JsonValueKind.String ? from.GetDateTimeOffset() : null, settings.GetProperty("max_consumption").GetDecimal(),
        settings.TryGetProperty("price", out var price) && price.ValueKind == JsonValueKind.Number ? price.GetDecimal() : null, settings.GetProperty("reporting_interval_seconds").GetInt32()))];
}
