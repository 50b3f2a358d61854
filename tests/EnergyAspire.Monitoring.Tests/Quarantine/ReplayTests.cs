using System.Net;
using System.Text.Json;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Tests.Ledger;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EnergyAspire.Monitoring.Tests.Quarantine;

/// <summary>Readings that were not accepted are tried again, or discarded.</summary>
[Collection<LedgerCollection>]
public sealed class ReplayTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-2), TimeSpan.Zero);

    [Fact]
    public async Task A_reading_of_a_device_that_has_appeared_is_stored()
    {
        var (device, ids) = await monitoring.DiscardedAsync((Midnight, 1m));

        var answer = await monitoring.DoAsync($"quarantine/{ids[0]}/replay");

        Assert.Equal(("stored", JsonValueKind.Null), (answer.Text("outcome"), answer.GetProperty("reading").ValueKind));
        Assert.Equal(1_000_000, await EnergyAsync(device));
        Assert.Null(await FindAsync(ids[0]));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_reading_that_was_stored_meanwhile_is_a_duplicate()
    {
        var (device, ids) = await monitoring.DiscardedAsync((Midnight, 1m), (Midnight, 1m));
        await monitoring.DoAsync($"quarantine/{ids[0]}/replay");

        var answer = await monitoring.DoAsync($"quarantine/{ids[1]}/replay");

        Assert.Equal("duplicate", answer.Text("outcome"));
        Assert.Equal(1_000_000, await EnergyAsync(device));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_discarded_reading_that_is_refused_again_is_open_with_its_id_and_time_and_the_reason_of_now()
    {
        var (device, ids) = await monitoring.DiscardedAsync((Midnight, 1m), (Midnight, 2m));
        await monitoring.DoAsync($"quarantine/{ids[0]}/replay");
        var before = await FindAsync(ids[1]);

        var answer = await monitoring.DoAsync($"quarantine/{ids[1]}/replay");

        var reading = answer.GetProperty("reading");
        Assert.Equal(("quarantined", ids[1], "conflicting_duplicate"), (answer.Text("outcome"), reading.GetProperty("id").GetGuid(), reading.Text("reason")));
        Assert.Equal(before!.ReceivedAt, reading.GetProperty("received_at").GetDateTimeOffset());
        Assert.Equal("1 kWh are stored, 2 kWh came", reading.Text("detail"));
        Assert.Equal(JsonValueKind.Null, reading.GetProperty("discarded_at").ValueKind);
        Assert.Equal("The reading was not accepted, and is open again.", answer.Text("message"));
        Assert.Equal(1_000_000, await EnergyAsync(device));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_reading_that_is_refused_by_itself_when_its_device_appears_keeps_its_id()
    {
        var device = Guid.NewGuid();
        await monitoring.QuarantineAsync(device, MonitoringFixture.Reading(device, Midnight, 1m), MonitoringFixture.Reading(device, Midnight, 2m));
        var before = await monitoring.QueryAsync(db => db.Quarantine.Where(reading => reading.DeviceId == device).ToDictionaryAsync(reading => reading.Id, reading => reading.ReceivedAt));

        await monitoring.AnnounceAsync(MonitoringFixture.Device(device), version: 1);

        var refused = await Eventually.GetAsync(
            () => monitoring.QueryAsync(db => db.Quarantine.SingleOrDefaultAsync(reading => reading.DeviceId == device && reading.Reason == QuarantineReason.ConflictingDuplicate)),
            reading => reading is not null, "one of both is refused");
        Assert.Equal(before[refused!.Id], refused.ReceivedAt);
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_discarded_reading_does_not_come_back_by_itself()
    {
        var (_, ids) = await monitoring.DiscardedAsync((Midnight, 1m));
        var waiting = Guid.NewGuid();
        await monitoring.QuarantineAsync(waiting, MonitoringFixture.Reading(waiting, Midnight, 1m));

        await monitoring.AnnounceAsync(MonitoringFixture.Device(waiting), version: 1);

        // One that came later has been tried again, so this one would have been.
        await Eventually.TrueAsync(async () => await EnergyAsync(waiting) == 1_000_000, "the other reading is stored");
        Assert.NotNull((await FindAsync(ids[0]))!.DiscardedAt);
    }

    [Fact]
    public async Task A_reading_from_the_future_is_stored_by_itself_when_its_time_has_come_and_by_one_replica()
    {
        var device = await monitoring.DeviceAsync();
        await using var replica = monitoring.StartService();
        await replica.WaitUntilReadyAsync();
        var soon = DateTimeOffset.UtcNow + new IngestOptions().FutureTolerance + TimeSpan.FromSeconds(4);
        await monitoring.QuarantineAsync(device, MonitoringFixture.Reading(device, soon, 1m), MonitoringFixture.Reading(device, soon.AddDays(1), 1m));
        var listed = await monitoring.ListAsync($"quarantine?device_id={device}");
        Assert.All(listed, reading => Assert.Equal(("future", true), (reading.Text("reason"), reading.GetProperty("retryable").GetBoolean())));

        await Eventually.TrueAsync(async () => await EnergyAsync(device) == 1_000_000, "the first one is stored", TimeSpan.FromSeconds(20));

        Assert.Equal("future", (await monitoring.ListAsync($"quarantine?device_id={device}")).Single().Text("reason"));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_discarded_reading_from_the_future_and_one_of_an_unknown_device_stay()
    {
        var (known, unknown) = (await monitoring.DeviceAsync(), Guid.NewGuid());
        var soon = DateTimeOffset.UtcNow + new IngestOptions().FutureTolerance + TimeSpan.FromSeconds(3);
        await monitoring.QuarantineAsync(known, MonitoringFixture.Reading(known, soon, 1m));
        await monitoring.DoAsync("quarantine/discard", new { device_id = known });
        await monitoring.QuarantineAsync(unknown, MonitoringFixture.Reading(unknown, soon, 1m));

        // It is tried when its time has come, and waits for its device from then on.
        await Eventually.TrueAsync(
            async () => (await monitoring.ListAsync($"quarantine?device_id={unknown}")).Single().Text("reason") == "unknown_device", "it waits for its device",
            TimeSpan.FromSeconds(20));

        Assert.Equal("future", (await monitoring.ListAsync($"quarantine?device_id={known}&discarded=true")).Single().Text("reason"));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_reading_is_stored_though_the_partition_that_it_belongs_to_was_never_made_or_has_vanished()
    {
        var (neverMade, vanished) = (Midnight.AddDays(-277), Midnight.AddDays(-278));
        var (device, ids) = await monitoring.DiscardedAsync((neverMade, 1m), (vanished, 1m));
        await using (var connection = new NpgsqlConnection(monitoring.Database))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await monitoring.Service.Services.GetRequiredService<ReadingPartitions>().EnsureAsync(connection, [vanished], default);
        }

        await monitoring.ExecuteAsync($"drop table readings_{vanished:yyyyMMdd}");

        await monitoring.DoAsync("quarantine/replay", new { ids });

        Assert.Equal(2_000_000, await EnergyAsync(device));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_reading_that_the_database_refuses_stays_and_takes_no_other_with_it()
    {
        var (device, ids) = await monitoring.DiscardedAsync((Midnight, 1m), (Midnight.AddHours(1), 1m), (Midnight.AddHours(2), 1m));
        await monitoring.SeedHourAsync(device, $"{Midnight.AddHours(1):O}", long.MaxValue);

        var answer = await monitoring.DoAsync("quarantine/replay", new { ids });

        Assert.Equal((3, 2, 1), (answer.GetProperty("replayed").GetInt32(), answer.GetProperty("stored").GetInt32(), answer.GetProperty("quarantined").GetInt32()));
        Assert.Equal(QuarantineReason.Rejected, (await FindAsync(ids[1]))!.Reason);
        await monitoring.ExecuteAsync($"delete from hourly_consumption where device_id = '{device}' and energy = {long.MaxValue}");
        Assert.Equal("stored", (await monitoring.DoAsync($"quarantine/{ids[1]}/replay")).Text("outcome"));
        await ConsistentAsync();
    }

    [Fact]
    public async Task Discarding_leaves_the_reading_in_the_ledger_and_again_answers_the_same()
    {
        var device = await monitoring.DeviceAsync();
        await monitoring.QuarantineAsync(device, MonitoringFixture.Reading(device, Midnight, -1m));
        var id = (await monitoring.ListAsync($"quarantine?device_id={device}"))[0].GetProperty("id").GetGuid();

        var first = await monitoring.DoAsync($"quarantine/{id}/discard");
        var second = await monitoring.DoAsync($"quarantine/{id}/discard");

        Assert.Equal(JsonValueKind.String, first.GetProperty("discarded_at").ValueKind);
        Assert.Equal(first.GetRawText(), second.GetRawText());
        Assert.Empty(await monitoring.ListAsync($"quarantine?device_id={device}"));
        Assert.Equal(first.GetRawText(), (await monitoring.ListAsync($"quarantine?device_id={device}&discarded=true")).Single().GetRawText());
        Assert.Single(await monitoring.ListAsync($"audit?device_id={device}"));
        await ConsistentAsync();
    }

    [Fact]
    public async Task Many_are_tried_again_by_device_and_reason_in_several_transactions()
    {
        var device = Guid.NewGuid();
        var messages = Enumerable.Range(0, 2500).Select(number => MonitoringFixture.Reading(device, Midnight.AddSeconds(number / 2), 0.001m)).ToArray();
        await monitoring.QuarantineAsync(device, messages);

        var unknown = await monitoring.DoAsync("quarantine/replay", new { device_id = device, reason = "unknown_device" });
        await monitoring.DoAsync("quarantine/discard", new { device_id = device });
        await monitoring.AnnounceAsync(MonitoringFixture.Device(device), version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(known => known.Id == device)), "the device is known");
        var discarded = await monitoring.DoAsync("quarantine/replay", new { device_id = device });
        await monitoring.ExecuteAsync($"update quarantined_readings set discarded_at = null, reason = 'rejected' where device_id = '{device}'");
        var open = await monitoring.DoAsync("quarantine/replay", new { device_id = device, reason = "rejected" });

        Assert.Equal((2500, 0, 0, 2500), Counts(unknown));
        Assert.Equal((0, 0, 0, 0), Counts(discarded));
        Assert.Equal((2500, 1250, 1250, 0), Counts(open));
        Assert.Equal(1_250_000, await EnergyAsync(device));
        await ConsistentAsync();

        static (int, int, int, int) Counts(JsonElement answer) => (
            answer.GetProperty("replayed").GetInt32(), answer.GetProperty("stored").GetInt32(), answer.GetProperty("duplicates").GetInt32(),
            answer.GetProperty("quarantined").GetInt32());
    }

    [Fact]
    public async Task Many_are_discarded_once()
    {
        var device = await monitoring.DeviceAsync();
        await monitoring.QuarantineAsync(device, [.. Enumerable.Range(0, 5).Select(hour => MonitoringFixture.Reading(device, Midnight.AddHours(hour), -1m))]);
        var ids = (await monitoring.ListAsync($"quarantine?device_id={device}")).ConvertAll(reading => reading.GetProperty("id").GetGuid());

        var named = await monitoring.DoAsync("quarantine/discard", new { ids = ids.Take(2) });
        var others = await monitoring.DoAsync("quarantine/discard", new { device_id = device, reason = "negative" });
        var again = await monitoring.DoAsync("quarantine/discard", new { ids });

        Assert.Equal([2, 3, 0], new[] { named, others, again }.Select(answer => answer.GetProperty("discarded").GetInt32()));
        Assert.Equal(5, (await monitoring.ListAsync($"quarantine?device_id={device}&discarded=true")).Count);
    }

    [Theory]
    [InlineData("""{}""", "ids")]
    [InlineData("""{"ids": []}""", "ids")]
    [InlineData("""{"reason": "ugly"}""", "reason")]
    [InlineData("""{"device_id": "7"}""", "device_id")]
    public async Task A_choice_that_chooses_nothing_or_says_nothing_sensible_is_refused(string choice, string field)
    {
        foreach (var action in new[] { "replay", "discard" })
        {
            using var answer = await monitoring.PostAsync($"quarantine/{action}", JsonElement.Parse(choice));

            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal([field], await answer.ErrorsAsync());
        }
    }

    [Fact]
    public async Task More_than_a_thousand_ids_are_refused()
    {
        using var answer = await monitoring.PostAsync("quarantine/discard", new { ids = Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid()) });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(["ids"], await answer.ErrorsAsync());
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("discard")]
    public async Task An_unknown_reading_is_not_found(string action)
    {
        using var answer = await monitoring.PostAsync($"quarantine/{Guid.NewGuid()}/{action}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_audit_tells_who_did_what_to_which_readings()
    {
        var (device, ids) = await monitoring.DiscardedAsync((Midnight, 1m), (Midnight, 2m));
        await monitoring.DoAsync($"quarantine/{ids[0]}/replay");
        await monitoring.DoAsync($"quarantine/{ids[1]}/replay");
        await monitoring.DoAsync("quarantine/replay", new { device_id = device });
        await monitoring.DoAsync($"quarantine/{ids[1]}/discard");

        var records = await monitoring.ListAsync($"audit?device_id={device}");

        Assert.Equal(
            ["reading_discarded", "readings_replayed", "reading_replayed", "reading_replayed", "readings_discarded"],
            records.Select(record => record.Text("action")));
        Assert.All(records, record => Assert.Equal((DevelopmentData.Admin, "admin"), (record.GetProperty("actor_id").GetGuid(), record.Text("actor"))));
        Assert.Equal(ids[1], records[0].GetProperty("before").GetProperty("id").GetGuid());
        Assert.Equal((1, ids[1]), (records[1].GetProperty("after").GetProperty("quarantined").GetInt32(), records[1].GetProperty("before").GetProperty("ids")[0].GetGuid()));
        Assert.Equal(["quarantined", "stored"], records[2..4].Select(record => record.GetProperty("after").Text("outcome")));
        Assert.Equal(2, records[4].GetProperty("after").GetProperty("discarded").GetInt32());
        Assert.Equal(records[2].GetRawText(), (await monitoring.ListAsync($"audit?device_id={device}&action=reading_replayed"))[0].GetRawText());
    }

    private async Task ConsistentAsync()
    {
        var differences = (await monitoring.VerifyAsync()).FindAll(item => item.Type == "difference");
        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences.Select(item => item.Data.Text("message"))));
    }

    private Task<long> EnergyAsync(Guid device) =>
        monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.Energy));

    private Task<QuarantinedReading?> FindAsync(Guid id) =>
        monitoring.QueryAsync(db => db.Quarantine.SingleOrDefaultAsync(reading => reading.Id == id));
}
