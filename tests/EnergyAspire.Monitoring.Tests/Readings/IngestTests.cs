using System.Text;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Ledger;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using RabbitMQ.Client;

namespace EnergyAspire.Monitoring.Tests.Readings;

public sealed class IngestTests(MonitoringFixture monitoring)
{
    private static readonly DateOnly Yesterday = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1);

    private static readonly DateTimeOffset Midnight = new(Yesterday, TimeOnly.MinValue, TimeSpan.Zero);

    [Fact]
    public async Task A_published_reading_appears_in_its_hour_within_two_seconds()
    {
        var device = await monitoring.DeviceAsync();

        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Midnight.AddHours(9), 0.231m));

        await Eventually.TrueAsync(
            async () => (await monitoring.DayAsync(DevelopmentData.Admin, device, Yesterday)).GetProperty("total_daily_consumption").GetDecimal() == 0.231m,
            "the reading is visible", TimeSpan.FromSeconds(2));
        var day = await monitoring.DayAsync(DevelopmentData.Admin, device, Yesterday);
        Assert.Equal(0.231m, day.GetProperty("hourly_data")[9].GetProperty("total_consumption").GetDecimal());
    }

    [Fact]
    public async Task Another_value_for_a_stored_reading_is_quarantined_and_changes_nothing()
    {
        var device = await monitoring.DeviceAsync();
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Midnight, 1m));
        await EnergyBecomesAsync(device, 1_000_000);

        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Midnight, 2m), MonitoringFixture.Reading(device, Midnight, 1m));

        var quarantined = await Eventually.GetAsync(
            () => monitoring.QueryAsync(db => db.Quarantine.SingleOrDefaultAsync(reading => reading.DeviceId == device)),
            reading => reading is not null, "the conflict is in quarantine");
        Assert.Equal(QuarantineReason.ConflictingDuplicate, quarantined!.Reason);
        Assert.Equal(MonitoringFixture.Reading(device, Midnight, 2m), Encoding.UTF8.GetString(quarantined.Body));
        Assert.Equal(1_000_000, await EnergyAsync(device));
    }

    [Fact]
    public async Task Readings_of_an_unknown_device_wait_for_it_and_count_once_it_appears()
    {
        var device = Guid.NewGuid();
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Midnight, 1m), MonitoringFixture.Reading(device, Midnight.AddHours(1), 2m));
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(async db => await db.Quarantine.CountAsync(reading => reading.DeviceId == device) == 2),
            "both readings are in quarantine");

        await monitoring.AnnounceAsync(MonitoringFixture.Device(device), version: 1);

        await EnergyBecomesAsync(device, 3_000_000);
        Assert.False(await monitoring.QueryAsync(db => db.Quarantine.AnyAsync(reading => reading.DeviceId == device)));
        var ledger = await LedgerAsync();
        Assert.Equal(ledger.Received, ledger.Stored + ledger.Duplicates + ledger.Quarantined);
    }

    [Fact]
    public async Task A_message_may_hold_several_readings_and_a_bad_one_does_not_take_the_others_with_it()
    {
        var device = await monitoring.DeviceAsync();

        await monitoring.PublishAsync($"[{MonitoringFixture.Reading(device, Midnight, 1m)}, {MonitoringFixture.Reading(device, Midnight.AddHours(1), -1m)}, {MonitoringFixture.Reading(device, Midnight.AddHours(2), 2m)}]");

        await EnergyBecomesAsync(device, 3_000_000);
        Assert.Equal(
            QuarantineReason.Negative,
            await monitoring.QueryAsync(db => db.Quarantine.Where(reading => reading.DeviceId == device).Select(reading => reading.Reason).SingleAsync()));
    }

    [Fact]
    public async Task An_embedded_meter_s_message_is_stored_and_its_plain_form_is_a_duplicate()
    {
        var device = await monitoring.DeviceAsync();
        var message = $$"""{"timestamp": "{{Yesterday:yyyy-MM-dd}}T01:00:00\u002B01:00", "device_id": "{{device}}", "measurement_value": "1.5"}""";

        await monitoring.PublishAsync(
            Topology.ReadingQueue, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(message), 0],
            new BasicProperties { Persistent = true, ContentType = "Application/json; charset=\"UTF-8\"" });
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Midnight, 1.5m), MonitoringFixture.Reading(device, Midnight.AddHours(1), 1m));

        await EnergyBecomesAsync(device, 2_500_000);
        Assert.False(await monitoring.QueryAsync(db => db.Quarantine.AnyAsync(reading => reading.DeviceId == device)));
    }

    [Fact]
    public async Task An_empty_array_and_an_empty_message_block_nothing()
    {
        var device = await monitoring.DeviceAsync();

        await monitoring.PublishAsync("[]", "", MonitoringFixture.Reading(device, Midnight, 1m));

        await EnergyBecomesAsync(device, 1_000_000);
    }

    [Fact]
    public async Task A_late_reading_counts_in_the_hour_it_belongs_to_though_no_partition_was_made_for_it()
    {
        var device = await monitoring.DeviceAsync();
        var longAgo = Midnight.AddDays(-300);

        await monitoring.PublishAsync(MonitoringFixture.Reading(device, longAgo.AddMinutes(10), 1m));

        await EnergyBecomesAsync(device, 1_000_000);
        Assert.Equal(longAgo, await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).Select(hour => hour.HourStart).SingleAsync()));
    }

    [Fact]
    public async Task A_partition_that_vanished_is_made_again()
    {
        var device = await monitoring.DeviceAsync();
        var day = Midnight.AddDays(-250);
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, day, 1m));
        await EnergyBecomesAsync(device, 1_000_000);

        await monitoring.ExecuteAsync($"drop table readings_{day:yyyyMMdd}");
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, day.AddHours(1), 2m));

        await EnergyBecomesAsync(device, 3_000_000);
    }

    [Fact]
    public async Task A_message_of_more_readings_than_a_batch_holds_is_stored_whole()
    {
        var device = await monitoring.DeviceAsync();

        await monitoring.PublishAsync($"[{string.Join(',', Enumerable.Range(0, 5000).Select(second => MonitoringFixture.Reading(device, Midnight.AddSeconds(second), 0.001m)))}]");

        await EnergyBecomesAsync(device, 5_000_000);
    }

    private async Task EnergyBecomesAsync(Guid device, long energy) =>
        await Eventually.GetAsync(() => EnergyAsync(device), stored => stored == energy, $"{device} has used {energy} mWh");

    private Task<long> EnergyAsync(Guid device) =>
        monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.Energy));

    private Task<LedgerHour> LedgerAsync() => monitoring.QueryAsync(async db =>
    {
        var entries = await db.Ledger.ToListAsync();
        return new LedgerHour(
            default, entries.Sum(entry => entry.Received), entries.Sum(entry => entry.Stored), entries.Sum(entry => entry.Duplicates),
            entries.Sum(entry => entry.Quarantined), Balanced: true);
    });
}
