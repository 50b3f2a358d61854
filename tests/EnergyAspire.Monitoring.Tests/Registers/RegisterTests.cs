using System.Text;
using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.Monitoring.Tests.Ledger;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Monitoring.Tests.Registers;

/// <summary>Meters that report a rising register.</summary>
[Collection<LedgerCollection>]
public sealed class RegisterTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-6), TimeSpan.Zero);

    // Minutes until the next reading, and ten times the milliwatt-hours of each.
    private static readonly Gen<(int Minutes, int Energy)[]> Steps =
        Gen.Select(Gen.OneOf(Gen.Const(10), Gen.Int[1, 50], Gen.Int[2000, 4000]), Gen.Int[0, 30_000]).Array[12, 30];

    [Fact]
    public Task Whatever_comes_when_the_hours_are_those_that_the_meter_has_measured() =>
        Gen.Select(Steps, Gen.Bool.Select(rollsOver => rollsOver ? 995 : 500), Gen.Int).SampleAsync(async (steps, start, seed) =>
        {
            var random = new Random(seed);
            var device = await DeviceAsync("Asia/Kathmandu", digits: 3);
            var (time, register, shown) = (Midnight.AddDays(-84), start * 1_000_000L, new List<(DateTimeOffset Time, long Shown, bool IsWrong)>());
            var (measured, resetAt) = (new List<Sent>(), start == 500 ? random.Next(4, steps.Length - 4) : -1);
            shown.Add((time, register, false));
            for (var step = 0; step < steps.Length; step++)
            {
                var (minutes, energyPerMinute) = steps[step];
                var energy = (long)minutes * energyPerMinute / 10;
                measured.Add(new Sent(time, energy, minutes * 60));
                time = time.AddMinutes(minutes);
                register = step == resetAt ? energy : (register + energy) % 1_000_000_000;
                shown.Add((time, register, false));
            }

            // Wrong values, not within what confirms a rollover or a reset, and between two readings.
            var rolls = shown.FindIndex(reading => reading.Shown < shown[0].Shown);
            foreach (var at in Enumerable.Range(0, 3).Select(_ => random.Next(2, shown.Count - 4)).Where(at => rolls < 0 || at < rolls - 3 || at > rolls + 3).Distinct().OrderDescending().ToList())
                shown.Insert(at + 1, (shown[at].Time.AddSeconds(20), shown[at].Shown is > 0 and (> 700_000_000 or < 20_000_000) ? 0 : shown[at].Shown + 200_000_000, true));

            var sent = shown.SelectMany(reading => Enumerable.Repeat(reading, random.Next(1, 3))).ToArray();
            random.Shuffle(sent);
            var half = random.Next(sent.Length);
            await Task.WhenAll(StoreAsync(device, sent[..half], random.Next(1, 9)), StoreAsync(device, sent[half..], random.Next(1, 9)));

            var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu");
            var hours = await monitoring.QueryAsync(db => db.Hours.AsNoTracking().Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync());
            // The last reading has no energy before the next one.
            measured.Add(new Sent(time, 0, 60));
            Assert.Equal(
                ReferenceHours.Of(measured, time => SiteClock.HourStart(time, zone)).Select(hour => (hour.Key, hour.Value.Energy, hour.Value.ReadingCount, hour.Value.SpreadCount)).Order(),
                hours.Select(hour => (hour.HourStart, hour.Energy, hour.ReadingCount, hour.SpreadCount)));
            // A copy of one that was stored before it became unclear was a duplicate.
            Assert.Equal(
                sent.Where(reading => reading.IsWrong).Select(reading => (reading.Time, "register_unclear")).Distinct().Order(),
                (await QuarantinedAsync(device)).Select(reading => (reading.Timestamp!.Value, reading.Reason)).Distinct().Order());
            await ConsistentAsync();
        }, iter: 8, threads: 1);

    [Fact]
    public async Task A_late_reading_splits_an_interval_without_changing_the_sum()
    {
        var device = await DeviceAsync("UTC");
        await SendAsync(device, (Midnight, 100), (Midnight.AddHours(4), 108));
        Assert.Equal([2, 2, 2, 2, 0], (await HoursAsync(device)).Select(hour => hour.Energy));

        await SendAsync(device, (Midnight.AddHours(1), 101));

        Assert.Equal(
            [(Midnight, 1m, 1, 0), (Midnight.AddHours(1), 2.333333m, 1, 0), (Midnight.AddHours(2), 2.333333m, 0, 1), (Midnight.AddHours(3), 2.333334m, 0, 1), (Midnight.AddHours(4), 0m, 1, 0)],
            await HoursAsync(device));
        await ConsistentAsync();
    }

    [Fact]
    public async Task The_energy_after_the_last_reading_comes_with_the_next_one()
    {
        var device = await DeviceAsync("UTC");
        await SendAsync(device, (Midnight, 100));
        Assert.Equal([(Midnight, 0m, 1, 0)], await HoursAsync(device));

        await SendAsync(device, (Midnight.AddMinutes(70), 100.7m));

        Assert.Equal([(Midnight, 0.6m, 1, 0), (Midnight.AddHours(1), 0.1m, 1, 1)], await HoursAsync(device));
        var latest = Assert.Single(await monitoring.QueryAsync(db => LatestReadings.LatestReadingsAsync(db, [device], DateTimeOffset.UtcNow, TestContext.Current.CancellationToken)));
        Assert.Equal((Midnight, 700_000L, Midnight, 600_000L), (latest.Timestamp, latest.Energy, latest.HourStart, latest.HourEnergy));
        var readings = (await monitoring.JsonOfAsync($"/api/monitoring/measurements?device_id={device}")).EnumerateArray()
            .Select(reading => (reading.GetProperty("register_value").GetDecimal(), reading.GetProperty("measurement_value").GetDecimal(), $"{reading.GetProperty("interval_seconds")}"));
        Assert.Equal([(100.7m, 0m, ""), (100m, 0.7m, "4200")], readings);
    }

    [Fact]
    public async Task A_month_without_readings_is_spread_over_all_its_hours_and_can_be_verified()
    {
        var device = await DeviceAsync("Europe/Berlin");
        var start = Midnight.AddDays(-40);
        await SendAsync(device, (start, 100), (Midnight, 100 + (40 * 24)));

        Assert.Equal(Enumerable.Repeat(1m, 40 * 24).Append(0), (await HoursAsync(device)).Select(hour => hour.Energy));
        await ConsistentAsync();

        // An hour in the middle, long after the reading that it has its energy from.
        await monitoring.ExecuteAsync($"update hourly_consumption set energy = 5 where device_id = '{device}' and hour_start = '{start.AddDays(20):O}'");
        Assert.Single(await monitoring.VerifyAsync(), found => found.Type == "difference");
        var repaired = await monitoring.DoAsync("ledger/repair", new { device_id = device, start_date = $"{start.AddDays(20):yyyy-MM-dd}", end_date = $"{start.AddDays(20):yyyy-MM-dd}" });
        Assert.Contains("1", repaired.Text("message"), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat(1m, 40 * 24).Append(0), (await HoursAsync(device)).Select(hour => hour.Energy));
        await ConsistentAsync();
    }

    [Fact]
    public async Task Hours_of_a_reading_that_retention_has_dropped_are_no_difference()
    {
        var device = await DeviceAsync("UTC");
        await SendAsync(device, (Midnight.AddDays(-20), 100), (Midnight, 120), (Midnight.AddHours(1), 121));
        await monitoring.ExecuteAsync($"delete from readings where device_id = '{device}' and timestamp < '{Midnight:O}'");

        Assert.DoesNotContain(await monitoring.VerifyAsync(), found => found.Type == "difference" && found.Data.GetRawText().Contains($"{device}", StringComparison.Ordinal));
        // Back again, so that the ledger is right for the other tests.
        await monitoring.ExecuteAsync($"insert into readings values ('{device}', '{Midnight.AddDays(-20):O}', 20000000, {20 * 86_400}, 100000000)");
    }

    [Theory]
    [InlineData("reset", 50)]
    [InlineData("rollover", 950)]
    [InlineData("new_start", 0)]
    public async Task An_admin_says_what_an_unclear_reading_means(string decision, int energy)
    {
        var device = await DeviceAsync("UTC", digits: 3);
        await SendAsync(device, (Midnight, 100), (Midnight.AddHours(1), 50), (Midnight.AddHours(2), 51), (Midnight.AddHours(3), 52));
        var unclear = (await QuarantinedAsync(device)).OrderBy(reading => reading.Timestamp).ToList();
        Assert.Equal(3, unclear.Count);
        Assert.StartsWith($"Since {Midnight:yyyy-MM-dd'T'HH:mm:ss'Z'} the register fell from 100 to 50 kWh. ", unclear[0].Detail, StringComparison.Ordinal);

        var answer = await monitoring.DoAsync($"quarantine/{unclear[0].Id}/accept", new { @as = decision });

        Assert.Equal("stored", answer.Text("outcome"));
        Assert.Equal([energy, 1, 1], (await EnergiesAsync(device)).SkipLast(1));
        Assert.Empty(await QuarantinedAsync(device));
        // The decision holds when neighbours come.
        await SendAsync(device, (Midnight.AddMinutes(30), 100), (Midnight.AddMinutes(90), 50.5m));
        Assert.Equal([0, energy, 0.5m, 0.5m, 1], (await EnergiesAsync(device)).SkipLast(1));
        await ConsistentAsync();
    }

    [Fact]
    public async Task Only_unclear_readings_are_accepted_and_only_with_a_decision()
    {
        var device = await DeviceAsync("UTC");
        await SendAsync(device, (Midnight, 100), (Midnight, 101), (Midnight.AddHours(1), 7));
        var (conflict, unclear) = ((await QuarantinedAsync(device)).Single(reading => reading.Reason == "conflicting_duplicate"), (await QuarantinedAsync(device)).Single(reading => reading.Reason == "register_unclear"));

        using var other = await monitoring.PostAsync($"quarantine/{conflict.Id}/accept", new { @as = "reset" });
        using var unknown = await monitoring.PostAsync($"quarantine/{unclear.Id}/accept", new { @as = "maybe" });
        using var nothing = await monitoring.PostAsync($"quarantine/{Guid.NewGuid()}/accept", new { @as = "reset" });

        Assert.Equal([409, 400, 404], [(int)other.StatusCode, (int)unknown.StatusCode, (int)nothing.StatusCode]);
        Assert.Equal(2, (await QuarantinedAsync(device)).Count);
    }

    [Fact]
    public async Task A_reading_of_the_other_kind_waits_until_the_device_says_so()
    {
        var (registers, intervals) = (await DeviceAsync("UTC"), await monitoring.DeviceAsync("UTC"));
        await SendAsync(intervals, (Midnight, 100), (Midnight.AddMinutes(10), 101));
        await StoreAsync(MonitoringFixture.Reading(registers, Midnight, 1));
        Assert.Equal(["wrong_kind", "wrong_kind"], (await QuarantinedAsync(intervals)).Select(reading => reading.Reason));
        Assert.Equal("The device's meter reports a register, and register_value is missing or impossible.", Assert.Single(await QuarantinedAsync(registers)).Detail);
        // A message with both is what the device's meter reports.
        var both = $$"""{"timestamp": "{{Midnight.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{intervals}}", "measurement_value": 0.5, "register_value": 7}""";
        await StoreAsync(both);
        Assert.Equal([0.5m], await EnergiesAsync(intervals));

        await ShowAsync(intervals, 2, digits: 6);

        await Eventually.TrueAsync(async () => (await EnergiesAsync(intervals)).SequenceEqual([1m, 0m, 0.5m]), "they are stored");
        Assert.Empty(await QuarantinedAsync(intervals));
        await ConsistentAsync();
    }

    [Fact]
    public async Task What_a_message_says_beside_what_the_meter_reports_is_ignored()
    {
        var device = await monitoring.DeviceAsync("UTC");
        string[] registers = ["-3", "1e13", "{}", "[1, {\"a\": 2}]", "\"unknown\"", "null"];
        await StoreAsync([.. registers.Select((register, slot) =>
            $$"""{"register_value": {{register}}, "timestamp": "{{Midnight.AddMinutes(10 * slot):yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{device}}", "measurement_value": 0.1}""")]);

        Assert.Equal(Enumerable.Repeat(0.1m, registers.Length), await EnergiesAsync(device));
    }

    [Fact]
    public async Task Unclear_readings_of_a_replaced_meter_go_where_they_belong()
    {
        var (device, other, next) = (await DeviceAsync("UTC"), await DeviceAsync("UTC"), Guid.NewGuid());
        // The meter was taken away after an hour, and began at 0 elsewhere.
        await SendAsync(device, (Midnight, 1000), (Midnight.AddHours(1), 1001), (Midnight.AddHours(2), 500), (Midnight.AddHours(3), 501));
        Assert.Equal(2, (await QuarantinedAsync(device)).Count);

        await ShowAsync(device, 2, meters: [new DeviceMeter(device, null), new DeviceMeter(next, Midnight.AddMinutes(90))]);
        await ShowAsync(other, 2, meters: [new DeviceMeter(other, null), new DeviceMeter(device, Midnight.AddMinutes(90))]);
        await SendAsync(next, (Midnight.AddHours(2), 7), (Midnight.AddHours(3), 8));

        await Eventually.TrueAsync(async () => (await EnergiesAsync(other)).SequenceEqual([1m, 0m]), "they are the other device's");
        Assert.Equal([1m, 0m, 1m, 0m], await EnergiesAsync(device));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_decision_survives_a_correction_that_is_undone_and_counts_for_every_copy()
    {
        var device = await DeviceAsync("UTC");
        await SendAsync(device, (Midnight, 100), (Midnight.AddHours(1), 50), (Midnight.AddHours(1), 50), (Midnight.AddHours(2), 51));
        var copies = (await QuarantinedAsync(device)).Where(reading => reading.Timestamp == Midnight.AddHours(1)).OrderByDescending(reading => reading.Id).ToList();
        Assert.Equal(2, copies.Count);
        await monitoring.DoAsync($"quarantine/{copies[0].Id}/accept", new { @as = "reset" });
        Assert.Equal([50m, 1m, 0m], await EnergiesAsync(device));
        Assert.Empty(await QuarantinedAsync(device));

        await ShowAsync(device, 2, meters: [new DeviceMeter(device, null), new DeviceMeter(Guid.NewGuid(), Midnight.AddMinutes(30))]);
        Assert.Equal([0m], await EnergiesAsync(device));
        await ShowAsync(device, 3, meters: []);

        await Eventually.TrueAsync(async () => (await EnergiesAsync(device)).SequenceEqual([50m, 1m, 0m]), "the readings are back");
        await ConsistentAsync();
    }

    [Fact]
    public async Task Other_digits_change_nothing_that_is_stored()
    {
        var device = await DeviceAsync("UTC", digits: 3);
        await SendAsync(device, (Midnight, 999), (Midnight.AddHours(1), 0.5m), (Midnight.AddHours(2), 1), (Midnight.AddHours(3), 2));
        Assert.Equal([1.5m, 0.5m, 1m, 0m], await EnergiesAsync(device));

        await ShowAsync(device, 2, digits: 6);
        await SendAsync(device, (Midnight.AddHours(4), 3));

        Assert.Equal([1.5m, 0.5m, 1m, 1m, 0m], await EnergiesAsync(device));
        // Fewer digits than a stored value has.
        await SendAsync(device, (Midnight.AddHours(5), 5));
        await ShowAsync(device, 3, digits: 3);
        await SendAsync(device, (Midnight.AddHours(6), 6));
        Assert.Equal([1.5m, 0.5m, 1m, 1m, 2m, 1m, 0m], await EnergiesAsync(device));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_value_with_more_digits_than_the_register_is_absurd()
    {
        var device = await DeviceAsync("UTC", digits: 3);

        await SendAsync(device, (Midnight, 1000), (Midnight, -1), (Midnight, 999.999999m));

        Assert.Equal(["absurd", "negative"], (await QuarantinedAsync(device)).Select(reading => reading.Reason).Order());
        Assert.Single(await EnergiesAsync(device));
    }

    [Fact]
    public async Task A_replaced_meter_begins_anew_also_when_that_is_entered_later()
    {
        var device = await DeviceAsync("UTC");
        var other = Guid.NewGuid();
        await SendAsync(device, (Midnight, 100), (Midnight.AddHours(1), 101), (Midnight.AddHours(2), 102), (Midnight.AddHours(3), 103));

        await ShowAsync(device, 2, meters: [new DeviceMeter(device, null), new DeviceMeter(other, Midnight.AddMinutes(90))]);
        await SendAsync(other, (Midnight.AddHours(2), 5), (Midnight.AddHours(3), 7));

        Assert.Equal([1m, 0m, 2m, 0m], await EnergiesAsync(device));
        Assert.Equal([(Midnight, 1m, 1, 0), (Midnight.AddHours(1), 0m, 1, 0), (Midnight.AddHours(2), 2m, 1, 0), (Midnight.AddHours(3), 0m, 1, 0)], await HoursAsync(device));
        // What the former meter sent afterwards belongs to no device, and comes back when the correction is undone.
        Assert.Equal(2, (await QuarantinedAsync(device)).Count);
        await ShowAsync(device, 3, meters: []);
        await Eventually.TrueAsync(async () => (await EnergiesAsync(device)).SequenceEqual([1m, 1m, 1m, 0m]), "the readings are back");
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_new_zone_or_interval_deals_the_same_energy_to_other_hours()
    {
        var device = await DeviceAsync("UTC");
        await SendAsync(device, (Midnight.AddMinutes(15), 100), (Midnight.AddMinutes(45), 101), (Midnight.AddMinutes(75), 102));

        await ShowAsync(device, 2, zone: "Asia/Kolkata", interval: 60);

        Assert.Equal(
            [(Midnight.AddMinutes(-30), 0.5m, 1, 0), (Midnight.AddMinutes(30), 1.5m, 2, 1)],
            await HoursAsync(device));
        await ConsistentAsync();
    }

    [Fact]
    public async Task An_hour_over_its_limit_raises_an_alert_however_it_became_so()
    {
        var device = await DeviceAsync("UTC");
        await SendAsync(device, (Midnight, 100), (Midnight.AddHours(2), 104.8m));
        Assert.Empty((await monitoring.JsonOfAsync($"/api/monitoring/alerts?device_id={device}")).EnumerateArray());

        await SendAsync(device, (Midnight.AddHours(1), 102.6m));

        var alert = Assert.Single((await monitoring.JsonOfAsync($"/api/monitoring/alerts?device_id={device}")).EnumerateArray());
        Assert.Equal((Midnight, 2.6m), (alert.GetProperty("hour_start").GetDateTimeOffset(), alert.GetProperty("energy").GetDecimal()));
    }

    [Fact]
    public async Task A_register_and_the_energies_between_its_readings_give_the_same_hours()
    {
        // Half-hourly, over the end of February and a whole week, with values to the last digit.
        var (registers, intervals) = (await DeviceAsync("Europe/Berlin"), await monitoring.DeviceAsync("Europe/Berlin", 1800));
        var demand = Enumerable.Range(0, 336).Select(half => 0.3m + Math.Round((decimal)(0.2 * Math.Sin(half / 7.0)) + (0.1m * (half % 48) / 48), 6)).ToArray();
        var register = 12_345.678901m;
        var start = Midnight.AddDays(-3);
        await SendAsync(registers, [.. demand.Prepend(0).Select((energy, half) => (start.AddMinutes(30 * half), register += energy))]);
        foreach (var (energy, half) in demand.Select((energy, half) => (energy, half)))
            await StoreAsync(MonitoringFixture.Reading(intervals, start.AddMinutes(30 * half), energy));

        Assert.Equal(await HoursAsync(intervals), (await HoursAsync(registers)).SkipLast(1));
        Assert.Equal(168, (await HoursAsync(intervals)).Count);
    }

    private async Task<Guid> DeviceAsync(string zone, int digits = 6)
    {
        var id = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(id, zone) with { RegisterDigits = digits }, version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(device => device.Id == id)), "the device is known");

        return id;
    }

    private Task<bool> ShowAsync(
        Guid device, long version, string zone = "UTC", int interval = 600, int? digits = 6, IReadOnlyList<DeviceMeter>? meters = null) => monitoring.QueryAsync(async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        await DeviceReplicas.Table.ShowAsync(
            db, [new DeviceState(device, "Meter", "", 2.5m, zone, interval, version) { RegisterDigits = digits, Meters = meters }], TestContext.Current.CancellationToken);
        await transaction.CommitAsync();

        return true;
    });

    private Task SendAsync(Guid meter, params IEnumerable<(DateTimeOffset Time, decimal Register)> readings) =>
        StoreAsync([.. readings.Select(reading => Reading(meter, reading.Time, reading.Register))]);

    private async Task StoreAsync(Guid device, (DateTimeOffset Time, long Shown, bool IsWrong)[] readings, int batchSize)
    {
        foreach (var batch in readings.Chunk(batchSize))
            await StoreAsync([.. batch.Select(reading => Reading(device, reading.Time, reading.Shown / 1_000_000m))]);
    }

    private async Task StoreAsync(params string[] messages)
    {
        var (ingest, parser) = (monitoring.Service.Services.GetRequiredService<ReadingIngest>(), monitoring.Service.Services.GetRequiredService<ReadingParser>());
        await ingest.StoreAsync(
            [.. messages.Select(Encoding.UTF8.GetBytes).Select(body => new ArrivedReading(body, DateTimeOffset.UtcNow, parser.Parse(body)))], writer: 78,
            TestContext.Current.CancellationToken);
    }

    private static string Reading(Guid meter, DateTimeOffset time, decimal register) => FormattableString.Invariant(
        $$"""{"timestamp": "{{time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{meter}}", "register_value": {{register}}}""");

    private async Task<List<(DateTimeOffset Start, decimal Energy, int ReadingCount, int SpreadCount)>> HoursAsync(Guid device) =>
        (await monitoring.QueryAsync(db => db.Hours.AsNoTracking().Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync()))
        .ConvertAll(hour => (hour.HourStart, Energy.ToKilowattHours(hour.Energy), hour.ReadingCount, hour.SpreadCount));

    private async Task<List<decimal>> EnergiesAsync(Guid device) =>
        (await monitoring.QueryAsync(db => db.Database.SqlQuery<long>($"""select energy as "Value" from readings where device_id = {device} order by timestamp""").ToListAsync()))
        .ConvertAll(Energy.ToKilowattHours);

    private Task<List<QuarantinedReading>> QuarantinedAsync(Guid device) =>
        monitoring.QueryAsync(db => db.Quarantine.AsNoTracking().Where(reading => reading.DeviceId == device).ToListAsync());

    private async Task ConsistentAsync() =>
        Assert.Empty((await monitoring.VerifyAsync()).Where(found => found.Type == "difference").Select(found => found.Data.GetRawText()));
}
