using EnergyAspire.Monitoring.Ledger;
using EnergyAspire.Monitoring.Tests.Ledger;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Readings;

/// <summary>Readings of which every single one has been taken from the queue before anything is looked at.</summary>
[Collection<LedgerCollection>]
public sealed class AccountedIngestTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-1), TimeSpan.Zero);

    [Fact]
    public async Task Ten_thousand_readings_twice_in_random_order_with_malformed_ones_among_them_count_once_and_exactly()
    {
        var devices = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => monitoring.DeviceAsync("UTC", intervalSeconds: 1)));
        var random = new Random(2026);
        var readings = (
            from device in devices
            from second in Enumerable.Range(0, 1000)
            select (device, Timestamp: Midnight.AddSeconds(second * 86), Energy: random.NextInt64(0, 2_000_000))).ToList();
        var messages = readings.Concat(readings)
            .Select(reading => MonitoringFixture.Reading(reading.device, reading.Timestamp, reading.Energy / 1_000_000m))
            .Concat(Enumerable.Range(0, 100).Select(number => $"malformed {number}"))
            .ToArray();
        random.Shuffle(messages);
        var before = await LedgerAsync();

        await monitoring.PublishAccountedAsync(messages);

        foreach (var device in devices)
        {
            var expected = readings.Where(reading => reading.device == device)
                .GroupBy(reading => reading.Timestamp.Hour)
                .OrderBy(hour => hour.Key)
                .Select(hour => (hour.Key, hour.Sum(reading => reading.Energy), hour.Count()));
            var stored = await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync());
            Assert.Equal(expected, stored.Select(hour => (hour.HourStart.Hour, hour.Energy, hour.ReadingCount)));
        }

        var after = await LedgerAsync();
        Assert.True(after.Duplicates - before.Duplicates >= 10_000, "every repeated reading is a duplicate");
        Assert.Equal(100L, await monitoring.ScalarAsync<long>(
            "select count(*) from quarantined_readings where reason = 'malformed' and substr(body, 1, 10) = convert_to('malformed ', 'UTF8')"));
        Assert.Equal(after.Received, after.Stored + after.Duplicates + after.Quarantined);
    }

    [Fact]
    public async Task Two_replicas_share_the_queue_and_nothing_is_counted_twice()
    {
        await using var replica = monitoring.StartService();
        await replica.WaitUntilReadyAsync();
        var device = await monitoring.DeviceAsync();
        var messages = Enumerable.Range(0, 2000)
            .Select(number => MonitoringFixture.Reading(device, Midnight.AddSeconds(number % 500), 0.001m * (number % 500)))
            .ToArray();

        await monitoring.PublishAccountedAsync(messages);

        var hours = await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).ToListAsync());
        Assert.Equal(
            (500, Enumerable.Range(0, 500).Sum(number => number * 1000L)), (hours.Sum(hour => hour.ReadingCount), hours.Sum(hour => hour.Energy)));
    }

    private Task<LedgerHour> LedgerAsync() => monitoring.QueryAsync(async db =>
    {
        var entries = await db.Ledger.ToListAsync();
        return new LedgerHour(
            default, entries.Sum(entry => entry.Received), entries.Sum(entry => entry.Stored), entries.Sum(entry => entry.Duplicates),
            entries.Sum(entry => entry.Quarantined), Balanced: true);
    });
}
