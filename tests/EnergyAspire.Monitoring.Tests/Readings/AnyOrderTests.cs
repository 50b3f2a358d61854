using System.Text;
using CsCheck;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Monitoring.Tests.Readings;

/// <summary>However readings come, the hours are those of a reference that knows nothing but a dictionary.</summary>
public sealed class AnyOrderTests(MonitoringFixture monitoring)
{
    private const int Devices = 3;
    private const int Slots = 40;

    private static readonly string[] Zones = ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"];

    // Seconds: within an hour, over the end of every hour but some, and over many hours.
    private static readonly int[] Intervals = [600, 1500, 7200, 86_400];

    // Numbers of this test's writers in the ledger, which nobody else has.
    private static int _writer = 1_000_000;

    // Few devices, times and values, so that repetitions and contradictions are frequent.
    private static readonly Gen<Report[]> Reports = Gen.Select(
        Gen.Int[0, Devices - 1], Gen.Int[0, Slots - 1], Gen.Int[1, 3], (device, slot, value) => new Report(device, slot, value)).Array[0, 60];

    private static readonly Gen<(Report[] Reports, int Zone, int Interval, int Split)> History =
        Gen.Select(Reports, Gen.Int[0, Zones.Length - 1], Gen.Int[0, Intervals.Length - 1].Select(number => Intervals[number]), Gen.Int[1, 20]);

    [Fact]
    public Task One_consumer_keeps_the_first_value_of_each_time_in_whatever_batches_they_come() =>
        History.SampleAsync(async history =>
        {
            var site = await SiteAsync(history.Zone, history.Interval);
            await StoreAsync(site, history.Reports, history.Split, site.FirstWriter);

            var first = history.Reports.GroupBy(report => (report.Device, report.Slot)).ToDictionary(sent => sent.Key, sent => sent.First().Value);
            await AssertHoldsAsync(site, history.Reports, first);
        }, iter: 30, threads: 1);

    [Fact]
    public Task Two_consumers_at_once_keep_one_of_the_values_that_came_and_count_all_others() =>
        Gen.Select(History, Gen.Int).SampleAsync(async (history, seed) =>
        {
            var site = await SiteAsync(history.Zone, history.Interval);
            // Both get some of the readings, some of them the same ones, as after a lost connection, each in an order of its own.
            var random = new Random(seed);
            var taken = history.Reports.Select(_ => random.Next(3)).ToArray();
            var (one, other) = (history.Reports.Where((_, number) => taken[number] != 1).ToArray(), history.Reports.Where((_, number) => taken[number] != 0).ToArray());
            random.Shuffle(one);
            random.Shuffle(other);
            await Task.WhenAll(
                StoreAsync(site, one, history.Split, site.FirstWriter), StoreAsync(site, other, 21 - history.Split, site.FirstWriter + 1));

            await AssertHoldsAsync(site, [.. one, .. other], await StoredAsync(site));
        }, iter: 30, threads: 1);

    /// <summary>Says what the tables must hold when of each time this value was kept.</summary>
    private async Task AssertHoldsAsync(Site site, Report[] sent, Dictionary<(int Device, int Slot), int> kept)
    {
        Assert.Equal(kept.OrderBy(reading => reading.Key), (await StoredAsync(site)).OrderBy(reading => reading.Key));
        Assert.Equal(sent.Select(report => (report.Device, report.Slot)).ToHashSet(), kept.Keys.ToHashSet());
        Assert.All(kept, reading => Assert.Contains(new Report(reading.Key.Device, reading.Key.Slot, reading.Value), sent));

        // By what the wall clock shows and how far it is from UTC then, with nothing of the service's own arithmetic.
        var hours = kept.GroupBy(reading => reading.Key.Device)
            .SelectMany(device => ReferenceHours.Of(
                    device.Select(reading => new Sent(site.TimeOf(reading.Key.Slot), EnergyOf(reading.Value), site.IntervalSeconds)), site.WallClockHour)
                .Select(hour => (device.Key, hour.Key, hour.Value)))
            .Order();
        var stored = await monitoring.QueryAsync(db => db.Hours.Where(hour => site.Devices.Contains(hour.DeviceId)).ToListAsync());
        Assert.Equal(hours, stored
            .Select(hour => (
                Array.IndexOf(site.Devices, hour.DeviceId), site.WallClockHour(hour.HourStart), (hour.Energy, hour.ReadingCount, hour.SpreadCount))).Order());

        var contradictions = sent.Count(report => kept[(report.Device, report.Slot)] != report.Value);
        var quarantined = await monitoring.QueryAsync(db => db.Quarantine
            .Where(reading => reading.DeviceId != null && site.Devices.Contains(reading.DeviceId.Value)).Select(reading => reading.Reason).ToListAsync());
        Assert.All(quarantined, reason => Assert.Equal(QuarantineReason.ConflictingDuplicate, reason));
        Assert.Equal(contradictions, quarantined.Count);
        var ledger = await monitoring.QueryAsync(db => db.Ledger
            .Where(entry => entry.Writer == site.FirstWriter || entry.Writer == site.FirstWriter + 1).ToListAsync());
        Assert.Equal(
            (sent.Length, kept.Count, sent.Length - kept.Count - contradictions, contradictions),
            (ledger.Sum(entry => entry.Received), ledger.Sum(entry => entry.Stored), ledger.Sum(entry => entry.Duplicates), ledger.Sum(entry => entry.Quarantined)));
    }

    private async Task StoreAsync(Site site, Report[] reports, int batchSize, int writer)
    {
        var (ingest, parser) = (monitoring.Service.Services.GetRequiredService<ReadingIngest>(), monitoring.Service.Services.GetRequiredService<ReadingParser>());
        foreach (var batch in reports.Chunk(batchSize))
        {
            var arrived = batch
                .Select(report => Encoding.UTF8.GetBytes(MonitoringFixture.Reading(
                    site.Devices[report.Device], site.TimeOf(report.Slot), EnergyOf(report.Value) / (decimal)Energy.MilliwattHoursPerKilowattHour)))
                .Select(body => new ArrivedReading(body, DateTimeOffset.UtcNow, parser.Parse(body))).ToList();
            await ingest.StoreAsync(arrived, writer, TestContext.Current.CancellationToken);
        }
    }

    private async Task<Dictionary<(int Device, int Slot), int>> StoredAsync(Site site)
    {
        var readings = await monitoring.QueryAsync(db => db.Database
            .SqlQuery<Stored>($"select device_id, timestamp, energy from readings where device_id = any({site.Devices})").ToListAsync());
        return readings.ToDictionary(
            reading => (Array.IndexOf(site.Devices, reading.DeviceId), site.SlotOf(reading.Timestamp)), reading => (int)(reading.Energy / EnergyOf(1)));
    }

    private async Task<Site> SiteAsync(int zone, int interval)
    {
        var devices = await Task.WhenAll(Enumerable.Range(0, Devices).Select(_ => monitoring.DeviceAsync(Zones[zone], interval)));
        return new Site(devices, interval, TimeZoneInfo.FindSystemTimeZoneById(Zones[zone]), Interlocked.Add(ref _writer, 2));
    }

    private static long EnergyOf(int value) => value * 100_001L;

    /// <summary>What a meter says about a time.</summary>
    private readonly record struct Report(int Device, int Slot, int Value);

    private sealed record Stored(Guid DeviceId, DateTimeOffset Timestamp, long Energy);

    /// <summary>Devices in a zone, and times around the last change of its clocks, or of Berlin's where they never change.</summary>
    private sealed record Site(Guid[] Devices, int IntervalSeconds, TimeZoneInfo Zone, int FirstWriter)
    {
        private static readonly TimeSpan Step = TimeSpan.FromMinutes(10);

        private readonly DateTimeOffset _start = LastChange(Zone) - (Step * Slots / 2);

        public DateTimeOffset TimeOf(int slot) => _start + (Step * slot);

        public int SlotOf(DateTimeOffset time) => (int)((time - _start) / Step);

        public (DateTime Hour, TimeSpan Offset) WallClockHour(DateTimeOffset time)
        {
            var local = TimeZoneInfo.ConvertTime(time, Zone);
            return (local.DateTime.Date.AddHours(local.Hour), local.Offset);
        }

        private static DateTimeOffset LastChange(TimeZoneInfo zone)
        {
            var yesterday = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(-1);
            for (var time = yesterday; time > yesterday.AddDays(-300); time -= Step)
            {
                if (zone.GetUtcOffset(time) != zone.GetUtcOffset(time - Step))
                    return time;
            }

            return LastChange(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        }
    }
}
