using System.Text;
using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.Monitoring.Tests.Ledger;
using EnergyAspire.Monitoring.Tests.Live;
using EnergyAspire.Monitoring.Tests.Quarantine;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Monitoring.Tests.Replicas;

/// <summary>A reading belongs to the device whose meter it was at the reading's time, whatever was known when it came.</summary>
[Collection<LedgerCollection>]
public sealed class MeterTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-3), TimeSpan.Zero);
    private static readonly DateTimeOffset Noon = Midnight.AddHours(12);

    [Fact]
    public async Task Readings_of_both_meters_are_the_devices_each_in_its_time_in_any_order()
    {
        var (device, meter) = (await monitoring.DeviceAsync("Europe/Berlin"), Guid.NewGuid());
        await SetAsync(device, 2, (device, null), (meter, Noon));

        await monitoring.PublishAsync(
            Reading(meter, Noon.AddHours(1), 4m), Reading(device, Noon.AddMinutes(-10), 1m), Reading(meter, Noon, 2m), Reading(meter, Noon, 2m),
            Reading(device, Noon, 8m), Reading(meter, Noon.AddMinutes(-10), 8m));

        await StoredBecomeAsync(device, (Noon.AddMinutes(-10), 1m), (Noon, 2m), (Noon.AddHours(1), 4m));
        var refused = await Eventually.GetAsync(() => monitoring.ListAsync($"quarantine?device_id={device}"), listed => listed.Count == 2, "two are refused");
        Assert.All(refused, reading => Assert.Equal(("meter_not_in_use", true), (reading.Text("reason"), reading.GetProperty("retryable").GetBoolean())));
        Assert.Equal(
            [(device, $"It was the meter of {device} until {Noon:yyyy-MM-dd}T12:00:00Z."), (meter, $"It is the meter of {device} since {Noon:yyyy-MM-dd}T12:00:00Z.")],
            refused.Select(reading => (Id: reading.GetProperty("device_id").GetGuid(), Detail: reading.Text("detail"))).OrderBy(reading => reading.Id == meter));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_replacement_that_is_entered_late_is_as_if_it_had_been_known()
    {
        var (device, meter) = (await monitoring.DeviceAsync(), Guid.NewGuid());
        await monitoring.PublishAsync(Reading(device, Noon.AddMinutes(-20), 1m), Reading(device, Noon, 8m), Reading(device, Noon.AddHours(2), 9m));
        await StoredBecomeAsync(device, (Noon.AddMinutes(-20), 1m), (Noon, 8m), (Noon.AddHours(2), 9m));
        await monitoring.QuarantineAsync(meter, Reading(meter, Noon, 2m), Reading(meter, Noon.AddHours(3), 3m), Reading(meter, Noon.AddHours(3), 3m), Reading(meter, Midnight, 8m));

        await SetAsync(device, 2, (device, null), (meter, Noon));

        await StoredBecomeAsync(device, (Noon.AddMinutes(-20), 1m), (Noon, 2m), (Noon.AddHours(3), 3m));
        Assert.Equal([(device, Noon), (device, Noon.AddHours(2)), (meter, Midnight)], await RefusedAsync(device, meter));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_correction_and_its_undoing_move_readings_to_where_they_belong()
    {
        var (device, meter) = (await monitoring.DeviceAsync("Asia/Kolkata"), Guid.NewGuid());
        await SetAsync(device, 2, (device, null), (meter, Noon));
        await monitoring.PublishAsync(Enumerable.Range(0, 24).SelectMany(hour => new[]
        {
            Reading(device, Midnight.AddHours(hour), 1m), Reading(meter, Midnight.AddHours(hour), 2m),
        }));
        await StoredBecomeAsync(device, Hours(change: 12));

        await SetAsync(device, 3, (device, null), (meter, Noon.AddHours(3)));
        await StoredBecomeAsync(device, Hours(change: 15));
        await SetAsync(device, 4, (device, null), (meter, Midnight.AddHours(5)));
        await StoredBecomeAsync(device, Hours(change: 5));
        await SetAsync(device, 5, (meter, null));
        await StoredBecomeAsync(device, Hours(change: 0));
        await SetAsync(device, 6);
        await StoredBecomeAsync(device, Hours(change: 24));

        Assert.Equal(Enumerable.Range(0, 24).Select(hour => (meter, Midnight.AddHours(hour))), await RefusedAsync(device, meter));
        await ConsistentAsync();

        static (DateTimeOffset, decimal)[] Hours(int change) => [.. Enumerable.Range(0, 24).Select(hour => (Midnight.AddHours(hour), hour < change ? 1m : 2m))];
    }

    [Fact]
    public async Task A_meter_that_moves_to_another_device_measures_for_each_in_its_time_whichever_event_comes_first()
    {
        var (one, other, meter) = (await monitoring.DeviceAsync(), await monitoring.DeviceAsync(), Guid.NewGuid());
        await SetAsync(one, 2, (one, null), (meter, Midnight));
        await monitoring.PublishAsync(Reading(meter, Noon.AddHours(-1), 1m), Reading(meter, Noon, 2m));
        await StoredBecomeAsync(one, (Noon.AddHours(-1), 1m), (Noon, 2m));

        await SetAsync(other, 2, (other, null), (meter, Noon));
        await monitoring.PublishAsync(Reading(meter, Noon.AddHours(1), 3m));
        await StoredBecomeAsync(other, (Noon.AddHours(1), 3m));
        await SetAsync(one, 3, (one, null), (meter, Midnight), (Guid.NewGuid(), Noon));

        await StoredBecomeAsync(other, (Noon, 2m), (Noon.AddHours(1), 3m));
        await StoredBecomeAsync(one, (Noon.AddHours(-1), 1m));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_meter_of_a_deleted_device_is_unknown()
    {
        var (device, meter) = (await monitoring.DeviceAsync(), Guid.NewGuid());
        await SetAsync(device, 2, (device, null), (meter, Noon));
        await monitoring.AnnounceAsync(new DeviceDeleted(device), version: 3);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(held => held.Id == device && held.IsDeleted)), "the device is gone");

        await monitoring.QuarantineAsync(meter, Reading(meter, Noon, 1m));

        Assert.Equal("unknown_device", (await monitoring.ListAsync($"quarantine?device_id={meter}")).Single().Text("reason"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_reading_of_a_new_meter_is_told_of_its_device()
    {
        var (device, meter) = (await monitoring.DeviceAsync(), Guid.NewGuid());
        await SetAsync(device, 2, (device, null), (meter, Noon));
        await monitoring.PublishAsync(Reading(meter, Noon, 1m));
        await StoredBecomeAsync(device, (Noon, 1m));

        await monitoring.QuarantineAsync(device, Reading(meter, Noon, 2m), Reading(meter, Noon.AddHours(1), -1m), Reading(meter, DateTimeOffset.UtcNow.AddDays(2), 1m));

        Assert.Equal(
            ["conflicting_duplicate", "future", "negative"], (await monitoring.ListAsync($"quarantine?device_id={device}")).Select(reading => reading.Text("reason")).Order());
        Assert.Equal(3, (await monitoring.ListAsync($"quarantine/summary?device_id={device}")).Sum(reason => reason.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task A_reading_of_a_new_meter_is_seen_live_as_that_of_its_device()
    {
        var owner = Guid.NewGuid();
        var (device, meter, now) = (await monitoring.DeviceAsync(owners: owner), Guid.NewGuid(), new DateTimeOffset(DateTime.UtcNow.Date.AddHours(DateTime.UtcNow.Hour - 1), TimeSpan.Zero));
        await SetAsync(device, 2, (device, null), (meter, now.AddHours(-1)));
        await monitoring.PublishAsync(Reading(device, now.AddHours(-2), 1m));
        await StoredBecomeAsync(device, (now.AddHours(-2), 1m));
        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, owner);

        await monitoring.PublishAsync(Reading(meter, now, 0.5m));

        var state = await viewer.SeesAsync(device, now, TimeSpan.FromSeconds(1));
        Assert.Equal(0.5m, state.GetProperty("measurement_value").GetDecimal());
    }

    /// <summary>A replica of the former version of Devices tells no meters.</summary>
    [Fact]
    public async Task An_event_without_meters_leaves_them_as_they_are()
    {
        var (device, meter) = (await monitoring.DeviceAsync(), Guid.NewGuid());
        await SetAsync(device, 2, (device, null), (meter, Noon));
        await monitoring.PublishAsync(Reading(device, Midnight, 1m), Reading(meter, Noon, 2m));
        await StoredBecomeAsync(device, (Midnight, 1m), (Noon, 2m));

        await monitoring.AnnounceAsync(new DeviceUpdated(device, "Renamed", "", 2.5m, 0.32m, "UTC", 600), version: 3);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(held => held.Id == device && held.Name == "Renamed")), "the device is renamed");
        await monitoring.PublishAsync(Reading(meter, Noon.AddHours(1), 3m));

        await StoredBecomeAsync(device, (Midnight, 1m), (Noon, 2m), (Noon.AddHours(1), 3m));
    }

    [Fact]
    public async Task Hours_whose_raw_readings_are_no_longer_kept_keep_their_energy()
    {
        var (device, meter) = (await monitoring.DeviceAsync(), Guid.NewGuid());
        // A day that no other test uses, because its partition goes.
        var day = Midnight.AddDays(-231);
        await monitoring.PublishAsync(Reading(device, day.AddHours(23), 1m), Reading(device, day.AddHours(24), 2m));
        await StoredBecomeAsync(device, (day.AddHours(23), 1m), (day.AddHours(24), 2m));
        await monitoring.ExecuteAsync($"drop table readings_{day:yyyyMMdd}");

        await SetAsync(device, 2, (device, null), (meter, day));

        var hours = await Eventually.GetAsync(
            () => monitoring.QueryAsync(db => db.Hours.AsNoTracking().Where(hour => hour.DeviceId == device).ToListAsync()), hours => hours.Count == 1, "one hour is taken back");
        Assert.Equal((day.AddHours(23), 1_000_000, 1), (hours[0].HourStart, hours[0].Energy, hours[0].ReadingCount));
        // Other tests compare all hours with their readings.
        await monitoring.ExecuteAsync($"""
            delete from hourly_consumption where device_id = '{device}';
            update ledger set received = received - 1, stored = stored - 1 where (hour, writer) = (select hour, writer from ledger where stored > 0 and writer >= 0 limit 1)
            """);
        await ConsistentAsync();
    }

    [Fact]
    public void A_list_of_meters_that_is_not_sorted_is_refused()
    {
        var device = new DeviceState(Guid.NewGuid(), "Meter", "", 2, "UTC", 600, 1);
        DeviceMeter[] meters = [new(device.Id, null), new(Guid.NewGuid(), Noon), new(Guid.NewGuid(), Noon.AddHours(1))];

        Assert.Null(DeviceReplicas.FaultOf(device with { Meters = meters }));
        Assert.NotNull(DeviceReplicas.FaultOf(device with { Meters = meters[1..] }));
        Assert.NotNull(DeviceReplicas.FaultOf(device with { Meters = [meters[0], meters[2], meters[1]] }));
    }

    // Two devices and four meters, of which two have the ids of the devices, at 24 times.
    private static readonly Gen<Step[]> History = Gen.Frequency(
        (5, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 23], (meter, slot) => new Step(meter, slot, Device: null, []))),
        (1, Gen.Select(Gen.Int[0, 1], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 23]).Array[0, 3], (device, meters) => new Step(0, 0, device, meters)))).Array[10, 60];

    [Fact]
    public Task Whatever_comes_when_ends_as_if_the_meters_had_been_known_from_the_beginning() =>
        Gen.Select(History, Gen.Int).SampleAsync(async (history, seed) =>
        {
            var random = new Random(seed);
            Guid[] devices = [await monitoring.DeviceAsync("Asia/Kolkata"), await monitoring.DeviceAsync("Europe/Berlin")];
            Guid[] meters = [.. devices, Guid.NewGuid(), Guid.NewGuid()];
            IReadOnlyList<DeviceMeter>[] lists = [[], []];
            long[] versions = [1, 1];
            var waiting = new List<(int Device, long Version, IReadOnlyList<DeviceMeter> Meters)>();
            var sent = new HashSet<(int Meter, int Slot)>();

            foreach (var (meter, slot, device, wanted) in history)
            {
                if (device is not { } changed)
                {
                    sent.Add((meter, slot));
                    await StoreAsync(Reading(meters[meter], TimeOf(slot), EnergyOf(meter, slot)));
                }
                else if (ListOf(wanted, meters) is var list && !MeterUses.Of(list, devices[changed]).Any(use => MeterUses.Of(lists[1 - changed], devices[1 - changed]).Any(use.Overlaps)))
                {
                    lists[changed] = list;
                    waiting.Add((changed, ++versions[changed], list));
                }

                // Events come late and in any order.
                for (; waiting.Count > 0 && random.Next(3) > 0; waiting.RemoveAt(0))
                {
                    random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(waiting));
                    await ShowAsync(devices[waiting[0].Device], waiting[0].Version, waiting[0].Meters);
                }
            }

            foreach (var (changed, version, list) in waiting)
                await ShowAsync(devices[changed], version, list);

            var owners = sent.ToDictionary(reading => reading, reading => Array.FindIndex(
                devices, device => MeterUses.Of(lists[Array.IndexOf(devices, device)], device).Any(use => use.MeterId == meters[reading.Meter] && use.Contains(TimeOf(reading.Slot)))));
            for (var device = 0; device < devices.Length; device++)
            {
                await StoredBecomeAsync(devices[device],
                    [.. owners.Where(owner => owner.Value == device).Select(owner => (TimeOf(owner.Key.Slot), EnergyOf(owner.Key.Meter, owner.Key.Slot))).OrderBy(reading => reading.Item1)]);
            }

            // Of a reading that was stored when it came again, the first copy may still wait for its retry.
            var nobodys = owners.Where(owner => owner.Value < 0).Select(owner => (meters[owner.Key.Meter], TimeOf(owner.Key.Slot))).Order().ToList();
            await Eventually.TrueAsync(async () => (await RefusedAsync(meters)).Distinct().Order().SequenceEqual(nobodys), "what belongs to no device is in quarantine");
            await ConsistentAsync();
        }, iter: 12, threads: 1);

    private static DateTimeOffset TimeOf(int slot) => Midnight.AddMinutes(20 * slot);

    private static decimal EnergyOf(int meter, int slot) => 0.001m * (1 + slot + (100 * meter));

    private static IReadOnlyList<DeviceMeter> ListOf((int Meter, int Slot)[] wanted, Guid[] meters) =>
        [.. wanted.DistinctBy(meter => meter.Slot).OrderBy(meter => meter.Slot).Select((meter, index) => new DeviceMeter(meters[meter.Meter], index == 0 ? null : TimeOf(meter.Slot)))];

    private static string Reading(Guid meter, DateTimeOffset time, decimal kilowattHours) => MonitoringFixture.Reading(meter, time, kilowattHours);

    private async Task StoreAsync(string message)
    {
        var (ingest, parser) = (monitoring.Service.Services.GetRequiredService<ReadingIngest>(), monitoring.Service.Services.GetRequiredService<ReadingParser>());
        var body = Encoding.UTF8.GetBytes(message);
        await ingest.StoreAsync([new ArrivedReading(body, DateTimeOffset.UtcNow, parser.Parse(body))], writer: 77, TestContext.Current.CancellationToken);
    }

    private Task<bool> ShowAsync(Guid device, long version, IReadOnlyList<DeviceMeter> meters) => monitoring.QueryAsync(async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        var (id, name, description, limit, price, _, interval) = MonitoringFixture.Device(device);
        var zone = await db.Devices.Where(held => held.Id == device).Select(held => held.TimeZone).SingleAsync();
        await DeviceReplicas.Table.ShowAsync(db, [new DeviceState(id, name, description, limit, zone, interval, version, price) { Meters = meters }], default);
        await transaction.CommitAsync();

        return true;
    });

    /// <summary>Announces the meters of a device and waits until they are known.</summary>
    private async Task SetAsync(Guid device, long version, params (Guid Meter, DateTimeOffset? From)[] meters)
    {
        var zone = await monitoring.QueryAsync(db => db.Devices.Where(held => held.Id == device).Select(held => held.TimeZone).SingleAsync());
        var (id, name, description, limit, price, _, interval) = MonitoringFixture.Device(device);
        await monitoring.AnnounceAsync(
            new DeviceUpdated(id, name, description, limit, price, zone, interval) { Meters = [.. meters.Select(meter => new DeviceMeter(meter.Meter, meter.From))] }, version);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(held => held.Id == device && held.Version == version)), "the meters are known");
    }

    /// <summary>Waits until a device has exactly these readings, and checks that its hours are their sums.</summary>
    private async Task StoredBecomeAsync(Guid device, params (DateTimeOffset Time, decimal KilowattHours)[] readings)
    {
        var stored = await Eventually.GetAsync(
            () => monitoring.QueryAsync(db => db.Database.SqlQuery<Stored>($"select timestamp, energy from readings where device_id = {device} order by timestamp").ToListAsync()),
            found => found.Select(reading => (reading.Timestamp, Energy.ToKilowattHours(reading.Energy))).SequenceEqual(readings),
            $"{device} has {string.Join(", ", readings)}", TimeSpan.FromSeconds(15));
        var zone = TimeZoneInfo.FindSystemTimeZoneById(await monitoring.QueryAsync(db => db.Devices.Where(held => held.Id == device).Select(held => held.TimeZone).SingleAsync()));
        var hours = await monitoring.QueryAsync(db => db.Hours.AsNoTracking().Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync());
        Assert.Equal(
            stored.GroupBy(reading => SiteClock.HourStart(reading.Timestamp, zone)).Select(hour => (hour.Key, hour.Sum(reading => reading.Energy), hour.Count())),
            hours.Select(hour => (hour.HourStart, hour.Energy, hour.ReadingCount)));
    }

    private async Task<List<(Guid Meter, DateTimeOffset Time)>> RefusedAsync(params Guid[] meters) =>
        (await monitoring.QueryAsync(db => db.Quarantine.Where(reading => meters.Contains(reading.DeviceId!.Value)).Select(reading => new { reading.DeviceId, reading.Timestamp }).ToListAsync()))
        .Select(reading => (reading.DeviceId!.Value, reading.Timestamp!.Value)).OrderBy(reading => Array.IndexOf(meters, reading.Item1)).ThenBy(reading => reading.Item2).ToList();

    private async Task ConsistentAsync()
    {
        var events = await monitoring.VerifyAsync();
        Assert.Empty(events.Where(found => found.Type == "difference").Select(found => found.Data.GetRawText()));
    }

    private sealed record Stored(DateTimeOffset Timestamp, long Energy);

    /// <summary>A reading of a meter, or a change of a device's meters.</summary>
    private sealed record Step(int Meter, int Slot, int? Device, (int Meter, int Slot)[] Meters);
}
