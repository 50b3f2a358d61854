using System.Net;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Tests.Quarantine;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Ledger;

/// <summary>Everything that doesn't add up is named, nothing else is, and hours can be repaired.</summary>
[Collection<LedgerCollection>]
public sealed class VerificationTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-3), TimeSpan.Zero);

    [Fact]
    public async Task What_adds_up_is_said_to_and_how_much_was_added()
    {
        var device = await DeviceWithAsync("Asia/Kolkata", readings: 144);

        var events = await monitoring.VerifyAsync();

        var progress = events.FindAll(item => item.Type == "progress").ConvertAll(item => (Done: item.Data.GetProperty("done").GetInt32(), Total: item.Data.GetProperty("total").GetInt32()));
        Assert.Equal(Enumerable.Range(0, progress[0].Total + 1), progress.Select(step => step.Done));
        Assert.Equal(("result", true, 0), (events[^1].Type, events[^1].Data.GetProperty("consistent").GetBoolean(), events[^1].Data.GetProperty("differences").GetInt32()));
        Assert.Equal(await monitoring.QueryAsync(db => db.Hours.CountAsync()), events[^1].Data.GetProperty("hours_checked").GetInt32());
        Assert.Equal(await monitoring.ScalarAsync<long>("select count(*) from readings"), events[^1].Data.GetProperty("readings_checked").GetInt64());
        Assert.Equal(25, await monitoring.QueryAsync(db => db.Hours.CountAsync(hour => hour.DeviceId == device)));
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Kolkata")]
    [InlineData("America/New_York")]
    public async Task Hours_that_were_tampered_with_are_named_and_repaired(string zone)
    {
        var device = await DeviceWithAsync(zone, readings: 276);
        var hours = await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync());
        var (changed, removed, made) = (hours[5].HourStart, hours[6].HourStart, hours[^1].HourStart.AddHours(1));
        await monitoring.ExecuteAsync($"""
            update hourly_consumption set energy = energy + 1 where device_id = '{device}' and hour_start = '{changed:O}';
            delete from hourly_consumption where device_id = '{device}' and hour_start = '{removed:O}';
            insert into hourly_consumption values ('{device}', '{made:O}', 7, 6)
            """);

        var differences = Differences(await monitoring.VerifyAsync());
        var repaired = await monitoring.DoAsync("ledger/repair", new { device_id = device });

        Assert.Equal(
            [(changed, 0.006m, 0.006001m, 6, 6), (removed, 0.006m, 0m, 6, 0), (made, 0m, 0.000007m, 0, 6)],
            differences.Select(difference => (
                difference.GetProperty("hour").GetDateTimeOffset(), difference.GetProperty("expected_energy").GetDecimal(), difference.GetProperty("found_energy").GetDecimal(),
                difference.GetProperty("expected_count").GetInt32(), difference.GetProperty("found_count").GetInt32())));
        Assert.All(differences, difference => Assert.Equal(("hour", device), (difference.Text("kind"), difference.GetProperty("device_id").GetGuid())));
        Assert.Equal(3, repaired.GetProperty("hours_changed").GetInt32());
        Assert.Equal(
            [(changed, 0.006001m, 0.006m), (removed, 0m, 0.006m), (made, 0.000007m, 0m)],
            repaired.GetProperty("changes").EnumerateArray().Select(change => (
                change.GetProperty("hour").GetDateTimeOffset(), change.GetProperty("before").GetProperty("energy").GetDecimal(),
                change.GetProperty("after").GetProperty("energy").GetDecimal())));
        Assert.Empty(Differences(await monitoring.VerifyAsync()));
        Assert.Equal(
            hours.Select(hour => (hour.HourStart, hour.Energy, hour.ReadingCount, hour.SpreadCount)),
            (await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync()))
                .Select(hour => (hour.HourStart, hour.Energy, hour.ReadingCount, hour.SpreadCount)));
    }

    [Theory]
    [InlineData("UTC", 7200)]
    [InlineData("Asia/Kathmandu", 600)]
    [InlineData("America/New_York", 86_400)]
    public async Task Hours_that_readings_are_spread_over_are_checked_and_repaired(string zone, int interval)
    {
        var device = await monitoring.DeviceAsync(zone, interval);
        // Not divisible, and not at the start of an hour.
        await monitoring.PublishAsync(Enumerable.Range(0, 30).Select(number =>
            MonitoringFixture.Reading(device, Midnight.AddMinutes(-7).AddHours(-number), 0.000997m + (number / 1_000_000m))));
        await Eventually.GetAsync(
            () => monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.ReadingCount)), count => count == 30, "the readings are counted");
        var hours = await HoursAsync();
        Assert.Empty(Differences(await monitoring.VerifyAsync()));
        // One day alone needs the readings of the day before.
        Assert.Empty(Differences(await monitoring.VerifyAsync($"&start_date={Midnight:yyyy-MM-dd}&end_date={Midnight:yyyy-MM-dd}")));

        await monitoring.ExecuteAsync($"delete from hourly_consumption where device_id = '{device}'");
        Assert.Equal(hours.Count, Differences(await monitoring.VerifyAsync()).Count(difference => difference.Text("kind") == "hour"));
        await monitoring.DoAsync("ledger/repair", new { device_id = device });

        Assert.Empty(Differences(await monitoring.VerifyAsync()));
        Assert.Equal(hours, await HoursAsync());

        async Task<List<(DateTimeOffset, long, int, int)>> HoursAsync() =>
            (await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync()))
            .ConvertAll(hour => (hour.HourStart, hour.Energy, hour.ReadingCount, hour.SpreadCount));
    }

    [Fact]
    public async Task A_repair_is_in_the_audit_once_and_changes_nothing_outside_of_its_days()
    {
        var device = await DeviceWithAsync("UTC", readings: 288);
        await monitoring.ExecuteAsync($"update hourly_consumption set energy = 1 where device_id = '{device}' and hour_start in ('{Midnight:O}', '{Midnight.AddDays(1):O}')");

        var first = await monitoring.DoAsync("ledger/repair", new { device_id = device, start_date = $"{Midnight:yyyy-MM-dd}", end_date = $"{Midnight:yyyy-MM-dd}" });
        var again = await monitoring.DoAsync("ledger/repair", new { device_id = device, start_date = $"{Midnight:yyyy-MM-dd}", end_date = $"{Midnight:yyyy-MM-dd}" });

        Assert.Equal((1, 0), (first.GetProperty("hours_changed").GetInt32(), again.GetProperty("hours_changed").GetInt32()));
        var record = Assert.Single(await monitoring.ListAsync($"audit?device_id={device}"));
        Assert.Equal("hours_repaired", record.Text("action"));
        Assert.Equal(
            (0.000001m, 0.006m),
            (record.GetProperty("before").GetProperty("hours")[0].GetProperty("energy").GetDecimal(), record.GetProperty("after").GetProperty("hours")[0].GetProperty("energy").GetDecimal()));
        Assert.Single(Differences(await monitoring.VerifyAsync()));
        await monitoring.DoAsync("ledger/repair", new { device_id = device });
        Assert.Empty(Differences(await monitoring.VerifyAsync()));
    }

    [Fact]
    public async Task A_range_of_days_checks_the_hours_of_these_days()
    {
        var device = await DeviceWithAsync("Asia/Kolkata", readings: 288);
        await monitoring.ExecuteAsync($"update hourly_consumption set energy = energy + 1 where device_id = '{device}'");

        // The second half of a local hour belongs to the day that the hour starts on.
        var before = Differences(await monitoring.VerifyAsync(Range(Midnight.AddDays(-1))));
        var first = Differences(await monitoring.VerifyAsync(Range(Midnight)));
        var after = Differences(await monitoring.VerifyAsync(Range(Midnight.AddDays(2))));

        Assert.Equal((1, 24, 0), (before.Count, first.Count, after.Count));
        await monitoring.DoAsync("ledger/repair", new { device_id = device });
        Assert.Empty(Differences(await monitoring.VerifyAsync()));

        static string Range(DateTimeOffset day) => $"&start_date={day:yyyy-MM-dd}&end_date={day:yyyy-MM-dd}";
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Lord_Howe")]
    public async Task Hours_around_a_change_of_the_clock_add_up(string zone)
    {
        var device = await DeviceWithAsync(zone, readings: 288, LastClockChange(TimeZoneInfo.FindSystemTimeZoneById(zone)));

        Assert.Empty(Differences(await monitoring.VerifyAsync()));
        await monitoring.ExecuteAsync($"delete from hourly_consumption where device_id = '{device}'");
        Assert.True((await monitoring.DoAsync("ledger/repair", new { device_id = device })).GetProperty("hours_changed").GetInt32() >= 48);
        Assert.Empty(Differences(await monitoring.VerifyAsync()));

        static DateTimeOffset LastClockChange(TimeZoneInfo zone)
        {
            var day = Midnight;
            while (zone.GetUtcOffset(day) == zone.GetUtcOffset(day.AddDays(-1)))
                day = day.AddDays(-1);

            return day.AddDays(-1);
        }
    }

    [Fact]
    public async Task A_month_of_hours_that_was_lost_is_counted_anew()
    {
        var day = Midnight.AddDays(-150);
        var device = await DeviceWithAsync("UTC", readings: 144, day);
        await monitoring.ExecuteAsync($"drop table hourly_consumption_{day:yyyyMM}");

        Assert.Equal(24, Differences(await monitoring.VerifyAsync()).Count(difference => difference.Text("kind") == "hour"));
        Assert.Equal(24, (await monitoring.DoAsync("ledger/repair", new { device_id = device })).GetProperty("hours_changed").GetInt32());

        Assert.Empty(Differences(await monitoring.VerifyAsync()));
    }

    [Fact]
    public async Task A_ledger_that_was_tampered_with_is_named()
    {
        await DeviceWithAsync("UTC", readings: 1);
        var hour = await monitoring.QueryAsync(db => db.Ledger.Where(entry => entry.Writer > 0).MaxAsync(entry => entry.Hour));

        Assert.Equal(["ledger", "stored"], await TamperAsync("stored"));
        Assert.Equal(["ledger", "quarantine"], await TamperAsync("quarantined"));
        Assert.Equal(["ledger"], await TamperAsync("received"));

        async Task<IEnumerable<string>> TamperAsync(string column)
        {
            var writer = await monitoring.QueryAsync(db => db.Ledger.Where(entry => entry.Hour == hour && entry.Writer > 0).MinAsync(entry => entry.Writer));
            await monitoring.ExecuteAsync($"update ledger set {column} = {column} + 1 where hour = '{hour:O}' and writer = {writer}");
            var differences = Differences(await monitoring.VerifyAsync());
            await monitoring.ExecuteAsync($"update ledger set {column} = {column} - 1 where hour = '{hour:O}' and writer = {writer}");
            Assert.All(differences, difference => Assert.Equal(1, Math.Abs(difference.GetProperty("expected_count").GetInt64() - difference.GetProperty("found_count").GetInt64())));
            Assert.All(differences.Where(difference => difference.Text("kind") != "stored"), difference => Assert.Equal(hour, difference.GetProperty("hour").GetDateTimeOffset()));

            return differences.Select(difference => difference.Text("kind")).Order(StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task A_reading_that_vanished_from_quarantine_is_missed()
    {
        var device = await monitoring.DeviceAsync();
        await monitoring.QuarantineAsync(device, MonitoringFixture.Reading(device, Midnight, -1m));
        await monitoring.ExecuteAsync($"create table vanished as select * from quarantined_readings where device_id = '{device}'; delete from quarantined_readings where device_id = '{device}'");

        var differences = Differences(await monitoring.VerifyAsync());

        Assert.Equal("quarantine", Assert.Single(differences).Text("kind"));
        await monitoring.ExecuteAsync("insert into quarantined_readings select * from vanished; drop table vanished");
        Assert.Empty(Differences(await monitoring.VerifyAsync()));
    }

    [Fact]
    public async Task Nothing_is_found_wrong_while_readings_and_zones_come()
    {
        var devices = await Task.WhenAll(monitoring.DeviceAsync("UTC"), monitoring.DeviceAsync("Asia/Kolkata"), monitoring.DeviceAsync("America/New_York"));
        var coming = Task.Run(async () =>
        {
            for (var part = 0; part < 20; part++)
            {
                await monitoring.PublishAsync(
                    from device in devices
                    from number in Enumerable.Range(part * 50, 50)
                    select MonitoringFixture.Reading(device, Midnight.AddMinutes(number), number % 10 == 0 ? -1m : 0.001m));
                await monitoring.AnnounceAsync(Moved(devices[0], part % 2 == 0 ? "Asia/Kathmandu" : "Europe/Berlin"), version: part + 2);
            }
        }, TestContext.Current.CancellationToken);

        do
            Assert.Empty(Differences(await monitoring.VerifyAsync()).Select(difference => difference.Text("message")));
        while (!coming.IsCompleted);
        await coming;

        static DeviceUpdated Moved(Guid device, string zone)
        {
            var (id, name, description, limit, price, _, interval) = MonitoringFixture.Device(device, zone);
            return new DeviceUpdated(id, name, description, limit, price, zone, interval);
        }
    }

    [Fact]
    public async Task Hours_of_which_retention_has_dropped_the_readings_are_left_out()
    {
        var device = await monitoring.DeviceAsync();
        await monitoring.SeedHourAsync(device, $"{Midnight.AddDays(-410):O}", energy: 5);

        var differences = Differences(await monitoring.VerifyAsync());

        // The ledger is not seeded.
        Assert.Equal("stored", Assert.Single(differences).Text("kind"));
        using var repair = await monitoring.PostAsync("ledger/repair", new { device_id = device, start_date = $"{Midnight.AddDays(-410):yyyy-MM-dd}" });
        Assert.Equal(HttpStatusCode.Conflict, repair.StatusCode);
        // Of the first day that is kept, hours may have energy of readings that are not.
        using var first = await monitoring.PostAsync("ledger/repair", new { device_id = device, start_date = $"{DateTime.UtcNow.AddDays(-400):yyyy-MM-dd}" });
        Assert.Equal(HttpStatusCode.Conflict, first.StatusCode);
        Assert.Equal(0, (await monitoring.DoAsync("ledger/repair", new { device_id = device })).GetProperty("hours_changed").GetInt32());
        Assert.Equal(5, await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.Energy)));
        await monitoring.ExecuteAsync($"delete from hourly_consumption where device_id = '{device}'");
    }

    [Fact]
    public async Task Hours_whose_readings_are_gone_before_their_time_are_named_and_not_repaired()
    {
        var day = Midnight.AddDays(-240);
        var device = await DeviceWithAsync("UTC", readings: 1, day.AddHours(3));
        await monitoring.ExecuteAsync($"alter table readings detach partition readings_{day:yyyyMMdd}");

        var differences = Differences(await monitoring.VerifyAsync());
        using var repair = await monitoring.PostAsync("ledger/repair", new { device_id = device });

        Assert.Equal(day.AddHours(3), Assert.Single(differences).GetProperty("hour").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.Conflict, repair.StatusCode);
        Assert.Contains($"{day:yyyy-MM-dd}", await repair.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await monitoring.ExecuteAsync($"alter table readings attach partition readings_{day:yyyyMMdd} for values from ('{day:O}') to ('{day.AddDays(1):O}')");
        Assert.Empty(Differences(await monitoring.VerifyAsync()));
    }

    [Fact]
    public async Task Hours_of_a_device_that_nobody_knows_are_named_and_repaired()
    {
        var nobody = Guid.NewGuid();
        // A day without any reading has no partition, and counts as one whose readings are gone.
        await monitoring.PublishAccountedAsync([MonitoringFixture.Reading(await monitoring.DeviceAsync(), Midnight, 0.001m)]);
        await monitoring.SeedHourAsync(nobody, $"{Midnight:O}", energy: 5);

        Assert.Equal(["hour", "stored"], Differences(await monitoring.VerifyAsync()).Select(difference => difference.Text("kind")));
        Assert.Equal(1, (await monitoring.DoAsync("ledger/repair", new { device_id = nobody })).GetProperty("hours_changed").GetInt32());

        Assert.Empty(Differences(await monitoring.VerifyAsync()));
        using var again = await monitoring.PostAsync("ledger/repair", new { device_id = nobody });
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory]
    [InlineData("""{}""", "device_id")]
    [InlineData("""{"device_id": "00000000-0000-7000-8000-0000000000d1", "start_date": "yesterday"}""", "start_date")]
    [InlineData("""{"device_id": "00000000-0000-7000-8000-0000000000d1", "start_date": "2026-03-02", "end_date": "2026-03-01"}""", "end_date")]
    public async Task A_repair_of_nothing_sensible_is_refused(string request, string field)
    {
        using var answer = await monitoring.PostAsync("ledger/repair", JsonElement.Parse(request));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal([field], await answer.ErrorsAsync());
    }

    [Theory]
    [InlineData("start_date=yesterday", "start_date")]
    [InlineData("start_date=2026-03-02&end_date=2026-03-01", "end_date")]
    [InlineData("verify=perhaps", "verify")]
    [InlineData("verify=true&end_date=2026-02-30", "end_date")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        using var answer = await monitoring.AskAsync($"/api/monitoring/ledger?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal([field], await answer.ErrorsAsync());
    }

    [Fact]
    public async Task The_ledger_is_listed_by_days_of_arrival()
    {
        await DeviceWithAsync("UTC", readings: 3);
        var hour = await monitoring.QueryAsync(db => db.Ledger.MaxAsync(entry => entry.Hour));

        var all = await monitoring.ListAsync("ledger");
        var day = await monitoring.ListAsync($"ledger?start_date={hour:yyyy-MM-dd}&end_date={hour:yyyy-MM-dd}");
        var later = await monitoring.ListAsync($"ledger?start_date={hour.AddDays(1):yyyy-MM-dd}");

        Assert.Equal(hour, all[0].GetProperty("hour").GetDateTimeOffset());
        Assert.All(all, entry => Assert.True(entry.GetProperty("balanced").GetBoolean()));
        Assert.Contains(hour, day.Select(entry => entry.GetProperty("hour").GetDateTimeOffset()));
        Assert.Empty(later);
    }

    /// <summary>Makes a device with a reading of 0.001 kWh every ten minutes.</summary>
    private async Task<Guid> DeviceWithAsync(string zone, int readings, DateTimeOffset? start = null)
    {
        var device = await monitoring.DeviceAsync(zone);
        await monitoring.PublishAsync(Enumerable.Range(0, readings).Select(number =>
            MonitoringFixture.Reading(device, (start ?? Midnight).AddMinutes(10 * number), 0.001m)));
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(async db => await db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.ReadingCount) == readings),
            "the readings are counted");

        return device;
    }

    private static List<JsonElement> Differences(List<(string Type, JsonElement Data)> events)
    {
        var differences = events.FindAll(item => item.Type == "difference").ConvertAll(item => item.Data);
        Assert.Equal(
            ("result", differences.Count, differences.Count == 0),
            (events[^1].Type, events[^1].Data.GetProperty("differences").GetInt32(), events[^1].Data.GetProperty("consistent").GetBoolean()));

        return differences;
    }
}
