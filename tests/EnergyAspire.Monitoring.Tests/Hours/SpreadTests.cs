using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Hours;

/// <summary>The energy of a reading belongs to all hours of its interval.</summary>
public sealed class SpreadTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-4), TimeSpan.Zero);

    private static readonly TimeZoneInfo[] Zones =
        [.. new[] { "UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns" }.Select(TimeZoneInfo.FindSystemTimeZoneById)];

    [Fact]
    public void Shares_add_up_to_the_reading_and_each_is_its_part_of_the_interval() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[1, 86_400], Gen.Long[0, 366L * 86_400 * 1_000_000], Gen.Int[0, Zones.Length - 1].Select(number => Zones[number])).Sample((energy, interval, offset, zone) =>
        {
            var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMicroseconds(offset);
            var end = start.AddSeconds(interval);
            var shares = HourShares.Of(start, energy, HourShares.SpreadSeconds(start, new ClockHours().At(start, zone).End, interval), zone).ToList();

            Assert.Equal(energy, shares.Sum(share => share.Energy));
            Assert.Equal(SiteClock.HourStart(start, zone), shares[0].HourStart);
            Assert.All(shares.Skip(1).Zip(shares), pair => Assert.Equal(SiteClock.NextHour(pair.Second.HourStart, zone), pair.First.HourStart));
            Assert.True(shares[^1].HourStart < end && SiteClock.NextHour(shares[^1].HourStart, zone) >= end);
            Assert.All(shares, share =>
            {
                var (from, until) = (share.HourStart > start ? share.HourStart : start, SiteClock.NextHour(share.HourStart, zone));
                var part = (decimal)((until < end ? until : end) - from).Ticks / (end - start).Ticks;
                Assert.InRange(share.Energy - (energy * part), -1.001m, 1.001m);
            });
        });

    [Fact]
    public async Task A_meter_that_reports_every_two_hours_fills_every_hour_and_raises_no_alert_of_its_own()
    {
        var device = await monitoring.DeviceAsync("UTC", 7200, DevelopmentData.Alice);
        await PublishAsync(device, Enumerable.Range(0, 12).Select(number => (Midnight.AddHours(2 * number), 4m)));

        var day = await monitoring.DayAsync(DevelopmentData.Alice, device, DateOnly.FromDateTime(Midnight.UtcDateTime));

        var hours = day.GetProperty("hourly_data").EnumerateArray().ToArray();
        Assert.All(hours, hour => Assert.Equal((2m, true), (hour.GetProperty("total_consumption").GetDecimal(), hour.GetProperty("is_measured").GetBoolean())));
        Assert.Equal(Enumerable.Range(0, 24).Select(hour => (hour + 1) % 2), hours.Select(hour => hour.GetProperty("measurement_count").GetInt32()));
        Assert.All(hours, hour => Assert.Equal(hour.GetProperty("expected_count").GetInt32(), hour.GetProperty("measurement_count").GetInt32()));
        Assert.Equal((48m, 12), (day.GetProperty("total_daily_consumption").GetDecimal(), day.GetProperty("measurement_count").GetInt32()));
        Assert.Equal(48m * 0.32m, day.GetProperty("total_cost").GetDecimal());
        Assert.Empty((await monitoring.JsonOfAsync($"/api/monitoring/alerts?device_id={device}")).EnumerateArray());
        Assert.All(
            (await monitoring.CsvOfAsync(Questions.Range($"{Midnight:yyyy-MM-dd}", $"{Midnight:yyyy-MM-dd}", "hour", device))).Skip(1),
            line => Assert.Matches(@",2,[01],[01],0\.64,,consumption$", line));
    }

    [Fact]
    public async Task Each_hour_of_a_reading_is_judged_by_its_own_limit()
    {
        var id = Guid.NewGuid();
        // Two hours of 3 kWh, of which the second may have 4.
        DeviceSettings[] settings = [new(null, 2.5m, 0.32m, 7200), new(Midnight.AddHours(1), 4m, 0.32m, 7200)];
        await monitoring.AnnounceAsync(MonitoringFixture.Device(id) with { ReportingIntervalSeconds = 7200, MaxConsumption = 4m, Settings = settings }, version: 1);
        await PublishAsync(id, [(Midnight, 6m)]);

        var alert = Assert.Single((await monitoring.JsonOfAsync($"/api/monitoring/alerts?device_id={id}")).EnumerateArray());
        Assert.Equal((Midnight, 3m), (alert.GetProperty("hour_start").GetDateTimeOffset(), alert.GetProperty("energy").GetDecimal()));
        // The hour in which no reading starts can be the one over its limit.
        await PublishAsync(id, [(Midnight.AddHours(2).AddMinutes(50), 8.4m)]);
        Assert.Equal(
            [Midnight, Midnight.AddHours(3)],
            await Eventually.GetAsync(
                async () => (await monitoring.JsonOfAsync($"/api/monitoring/alerts?device_id={id}")).EnumerateArray()
                    .Select(raised => raised.GetProperty("hour_start").GetDateTimeOffset()).Order().ToArray(),
                raised => raised.Length > 1, "alerts are raised"));
    }

    [Fact]
    public async Task A_reading_reaches_into_the_next_hour_day_and_month()
    {
        var device = await monitoring.DeviceAsync("UTC");
        // Not the month of other tests.
        var month = new DateTimeOffset(Midnight.Year, Midnight.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(-7);
        await PublishAsync(device, [(month.AddMinutes(-5), 0.5m)]);

        var days = (await monitoring.JsonOfAsync(Questions.Range($"{month.AddDays(-1):yyyy-MM-dd}", $"{month:yyyy-MM-dd}", "day", device))).GetProperty("data");
        Assert.Equal([(0.25m, 1, true), (0.25m, 0, true)], days.EnumerateArray().Select(day => (
            day.GetProperty("total_consumption").GetDecimal(), day.GetProperty("measurement_count").GetInt32(), day.GetProperty("is_measured").GetBoolean())));
    }

    [Fact]
    public async Task An_hour_that_nothing_covers_is_not_measured_although_no_reading_was_to_start_in_it()
    {
        var device = await monitoring.DeviceAsync("UTC", 7200);
        await PublishAsync(device, [(Midnight, 0m), (Midnight.AddHours(4), 1m)]);

        var day = await monitoring.JsonOfAsync($"{Questions.Daily(device)}&date={Midnight:yyyy-MM-dd}");

        var hours = day.GetProperty("hourly_data").EnumerateArray().Take(6).ToArray();
        Assert.Equal([true, true, false, false, true, true], hours.Select(hour => hour.GetProperty("is_measured").GetBoolean()));
        Assert.All(hours, hour => Assert.True(hour.GetProperty("is_expected").GetBoolean()));
    }

    [Fact]
    public async Task The_latest_reading_is_found_although_its_energy_reaches_into_later_hours()
    {
        var device = await monitoring.DeviceAsync("UTC", 86_400);
        var noon = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(-1).AddHours(12), TimeSpan.Zero);
        await PublishAsync(device, [(noon, 24m)]);

        var latest = Assert.Single(await monitoring.QueryAsync(db => Monitoring.Readings.LatestReadings.LatestReadingsAsync(
            db, [device], DateTimeOffset.UtcNow, TestContext.Current.CancellationToken)));
        Assert.Equal((noon, noon, 1_000_000L), (latest.Timestamp, latest.HourStart, latest.HourEnergy));
    }

    [Theory]
    [InlineData(600, 7200)]
    [InlineData(86_400, 3600)]
    [InlineData(7200, 1500)]
    public async Task A_corrected_interval_counts_the_readings_since_then_anew(int before, int after)
    {
        var change = Midnight.AddHours(7).AddMinutes(20);
        var readings = Enumerable.Range(0, 60).Select(number => (Time: Midnight.AddMinutes(20 * number), Value: 0.000101m + (number / 1_000_000m))).ToArray();
        var device = await monitoring.DeviceAsync("Asia/Kathmandu", before);
        await PublishAsync(device, readings);

        await AnnounceAsync(device, 2, new(null, 2.5m, 0.32m, before), new(change, 2.5m, 0.32m, after));

        await BecomesAsync(device, readings.Select(reading => Sent(reading, reading.Time < change ? before : after)));
        // Back again, as if nothing had happened.
        await AnnounceAsync(device, 3, new DeviceSettings(null, 2.5m, 0.32m, before));
        await BecomesAsync(device, readings.Select(reading => Sent(reading, before)));

        static Sent Sent((DateTimeOffset Time, decimal Value) reading, int interval) => new(reading.Time, (long)(reading.Value * 1_000_000), interval);
    }

    [Fact]
    public async Task Readings_that_the_former_version_counted_in_one_hour_stay_there_until_the_interval_is_corrected()
    {
        var device = await monitoring.DeviceAsync("UTC", 7200);
        await PublishAsync(device, [(Midnight, 2m)]);
        // As the former version has stored it.
        await monitoring.ExecuteAsync($"""
            update readings set spread_seconds = null where device_id = '{device}';
            delete from hourly_consumption where device_id = '{device}';
            insert into hourly_consumption (device_id, hour_start, energy, reading_count) values ('{device}', '{Midnight:O}', 2000000, 1)
            """);
        await PublishAsync(device, [(Midnight.AddHours(2), 2m)], counted: 2);

        await HoursBecomeAsync(device, [(2_000_000, 1, 0), (1_000_000, 1, 0), (1_000_000, 0, 1)]);
        await AnnounceAsync(device, 2, new DeviceSettings(null, 2.5m, 0.32m, 10_800));
        await HoursBecomeAsync(device, [(666_666, 1, 0), (666_667, 0, 1), (666_667 + 666_666, 1, 1), (666_667, 0, 1), (666_667, 0, 1)]);
    }

    private Task<List<(long Energy, int ReadingCount, int SpreadCount)>> BecomesAsync(Guid device, IEnumerable<Sent> readings)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu");
        return HoursBecomeAsync(device, [.. ReferenceHours.Of(readings, time => SiteClock.HourStart(time, zone)).OrderBy(hour => hour.Key).Select(hour => hour.Value)]);
    }

    private Task<List<(long Energy, int ReadingCount, int SpreadCount)>> HoursBecomeAsync(Guid device, (long Energy, int ReadingCount, int SpreadCount)[] expected) =>
        Eventually.GetAsync(
            async () => (await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync()))
                .ConvertAll(hour => (hour.Energy, hour.ReadingCount, hour.SpreadCount)),
            hours => hours.SequenceEqual(expected), $"the hours are {string.Join(", ", expected)}");

    private async Task AnnounceAsync(Guid device, long version, params DeviceSettings[] history)
    {
        var (id, name, description, limit, price, _, _) = MonitoringFixture.Device(device);
        var zone = await monitoring.QueryAsync(db => db.Devices.Where(held => held.Id == device).Select(held => held.TimeZone).SingleAsync());
        await monitoring.AnnounceAsync(
            new DeviceUpdated(id, name, description, limit, price, zone, history[^1].ReportingIntervalSeconds) { Settings = history is [_] ? [] : history }, version);
    }

    private async Task PublishAsync(Guid device, IEnumerable<(DateTimeOffset Time, decimal Value)> readings, int? counted = null)
    {
        var all = readings.ToArray();
        await monitoring.PublishAsync(all.Select(reading => MonitoringFixture.Reading(device, reading.Time, reading.Value)));
        await Eventually.TrueAsync(
            async () => await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.ReadingCount)) >= (counted ?? all.Length),
            "the readings are counted");
    }
}
