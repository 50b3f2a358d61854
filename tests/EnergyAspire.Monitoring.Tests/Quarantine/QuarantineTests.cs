using System.Net;
using System.Text;
using System.Text.Json;
using EnergyAspire.Monitoring.Tests.Ledger;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Quarantine;

/// <summary>What an admin sees of readings that were not accepted.</summary>
[Collection<LedgerCollection>]
public sealed class QuarantineTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-2), TimeSpan.Zero);

    [Fact]
    public async Task What_was_not_accepted_is_listed_newest_first_with_what_arrived()
    {
        var device = await monitoring.DeviceAsync();
        var first = MonitoringFixture.Reading(device, Midnight, -1m);
        await monitoring.QuarantineAsync(device, first);
        var second = MonitoringFixture.Reading(device, Midnight, 1_000_000m);
        await monitoring.QuarantineAsync(device, second);

        var readings = await monitoring.ListAsync($"quarantine?device_id={device}");

        Assert.Equal([(second, "absurd"), (first, "negative")], readings.Select(reading => (reading.Text("body"), reading.Text("reason"))));
        Assert.Equal("-1 kWh", readings[1].Text("detail"));
        Assert.All(readings, reading => Assert.Equal((device, JsonValueKind.Null, JsonValueKind.Null),
            (reading.GetProperty("device_id").GetGuid(), reading.GetProperty("body_base64").ValueKind, reading.GetProperty("discarded_at").ValueKind)));
        Assert.InRange(readings[0].GetProperty("received_at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_come_as_base64_too()
    {
        byte[] bytes = [0x7B, 0xFF, 0x00, 0xFE];
        await monitoring.PublishAsync(bytes);

        // Others send what is no text too.
        var reading = await Eventually.GetAsync(
            async () => (await monitoring.ListAsync("quarantine?reason=malformed&limit=1000")).Find(reading =>
                reading.GetProperty("body_base64") is { ValueKind: JsonValueKind.String } base64 && base64.ValueEquals(Convert.ToBase64String(bytes))),
            reading => reading.ValueKind == JsonValueKind.Object, "it is listed");

        Assert.Equal("{\uFFFD\0\uFFFD", reading.Text("body"));
    }

    [Fact]
    public async Task Of_a_long_one_the_list_shows_the_beginning_and_a_replay_tries_all_of_it()
    {
        var device = Guid.NewGuid();
        // Each of these takes three bytes, so the list can't end between two characters by chance.
        var body = MonitoringFixture.Reading(device, Midnight, 1m).Replace("{", $$"""{"note": "a{{new string('€', 1_000_000)}}", """, StringComparison.Ordinal);
        await monitoring.QuarantineAsync(device, body);
        await monitoring.DoAsync("quarantine/discard", new { device_id = device });

        var listed = (await monitoring.ListAsync($"quarantine?device_id={device}&discarded=true")).Single();

        Assert.Equal(body[..2000], listed.Text("body"));
        Assert.Equal(Encoding.UTF8.GetByteCount(body), listed.GetProperty("body_bytes").GetInt32());
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("body_base64").ValueKind);

        var again = await monitoring.DoAsync($"quarantine/{listed.GetProperty("id").GetGuid()}/replay");
        Assert.Equal((body[..2000], "unknown_device"), (again.GetProperty("reading").Text("body"), again.GetProperty("reading").Text("reason")));
        await monitoring.AnnounceAsync(MonitoringFixture.Device(device), version: 1);
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(db => db.Hours.AnyAsync(hour => hour.DeviceId == device && hour.Energy == 1_000_000)), "the whole reading is stored");
    }

    [Fact]
    public async Task Of_long_bytes_that_are_no_text_the_list_shows_the_beginning()
    {
        var id = Guid.NewGuid();
        byte[] bytes = [.. Encoding.UTF8.GetBytes($"{id}"), .. Enumerable.Repeat((byte)0xFF, 100_000)];
        await monitoring.PublishAsync(bytes);

        var reading = await Eventually.GetAsync(
            async () => (await monitoring.ListAsync("quarantine?reason=malformed&limit=1000")).Find(reading => reading.Text("body").StartsWith($"{id}", StringComparison.Ordinal)),
            reading => reading.ValueKind == JsonValueKind.Object, "it is listed");

        Assert.Equal(bytes[..6000], reading.GetProperty("body_base64").GetBytesFromBase64());
        Assert.Equal((2000, 100_036), (reading.Text("body").Length, reading.GetProperty("body_bytes").GetInt32()));
    }

    [Fact]
    public async Task Pages_follow_the_link_and_keep_the_filter()
    {
        var device = await monitoring.DeviceAsync();
        await monitoring.QuarantineAsync(device, [.. Enumerable.Range(0, 5).Select(hour => MonitoringFixture.Reading(device, Midnight.AddHours(hour), -1m))]);

        var (ids, pages) = (new List<Guid>(), 0);
        for (var next = $"/api/monitoring/quarantine?device_id={device}&reason=negative&limit=2"; next is not null; pages++)
        {
            using var answer = await monitoring.AskAsync(next);
            ids.AddRange(JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).EnumerateArray().Select(reading => reading.GetProperty("id").GetGuid()));
            next = answer.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0].TrimStart('<') : null;
        }

        Assert.Equal(3, pages);
        Assert.Equal(await monitoring.QueryAsync(db => db.Quarantine.Where(reading => reading.DeviceId == device).OrderByDescending(reading => reading.Id).Select(reading => reading.Id).ToListAsync()), ids);
    }

    [Theory]
    [InlineData("reason=ugly", "reason")]
    [InlineData("device_id=7", "device_id")]
    [InlineData("discarded=perhaps", "discarded")]
    [InlineData("limit=0", "limit")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        using var answer = await monitoring.AskAsync($"/api/monitoring/quarantine?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal([field], await answer.ErrorsAsync());
    }

    [Fact]
    public async Task A_device_s_day_is_summed_up_by_the_times_of_its_readings_at_its_site()
    {
        var device = await monitoring.DeviceAsync("Asia/Kolkata");
        var day = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-2);
        var midnight = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.FromHours(5.5));
        await monitoring.QuarantineAsync(
            device,
            MonitoringFixture.Reading(device, midnight.AddMinutes(-1), -1m), MonitoringFixture.Reading(device, midnight, -1m),
            MonitoringFixture.Reading(device, midnight.AddDays(1).AddMinutes(-1), 100_000m), MonitoringFixture.Reading(device, midnight.AddDays(1), -1m),
            MonitoringFixture.Reading(device, midnight.AddHours(1), 7m).Replace(": 7}", ": null}", StringComparison.Ordinal),
            $$"""{"device_id": "{{device}}"}""");

        var dates = await SummaryAsync($"&start_date={day:yyyy-MM-dd}&end_date={day:yyyy-MM-dd}");
        var times = await SummaryAsync($"&start_date={midnight.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&end_date={midnight.AddDays(1).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");

        Assert.Equal([("absurd", 1, true), ("malformed", 1, false), ("negative", 1, false)], dates);
        Assert.Equal(dates, times);
        // What has no time of its own is of the day it came.
        Assert.Equal([("malformed", 1, false)], await SummaryAsync($"&start_date={DateTimeOffset.UtcNow.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}"));
        Assert.Equal(6, (await SummaryAsync("")).Sum(reason => reason.Count));

        async Task<List<(string Reason, int Count, bool Retryable)>> SummaryAsync(string span) =>
            (await monitoring.ListAsync($"quarantine/summary?device_id={device}{span}"))
                .ConvertAll(reason => (reason.Text("reason"), reason.GetProperty("count").GetInt32(), reason.GetProperty("retryable").GetBoolean()))!;
    }

    [Theory]
    [InlineData("device_id=7", "device_id")]
    [InlineData("start_date=soon", "start_date")]
    [InlineData("start_date=2026-03-29T25:00:00Z", "start_date")]
    [InlineData("start_date=2026-03-29&end_date=2026-03-28", "end_date")]
    [InlineData("start_date=2026-03-29T01:00:00Z&end_date=2026-03-29T01:00:00Z", "end_date")]
    public async Task A_wrong_parameter_of_the_summary_is_named(string query, string field)
    {
        using var answer = await monitoring.AskAsync($"/api/monitoring/quarantine/summary?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal([field], await answer.ErrorsAsync());
    }

    [Fact]
    public async Task What_this_version_can_read_is_worth_another_try_though_it_was_malformed_once()
    {
        var device = await monitoring.DeviceAsync();
        await monitoring.QuarantineAsync(device, MonitoringFixture.Reading(device, Midnight, -1m), $$"""{"device_id": "{{device}}"}""");
        await monitoring.ExecuteAsync($"update quarantined_readings set reason = 'malformed', body = convert_to('{MonitoringFixture.Reading(device, Midnight, 1m)}', 'UTF8') where device_id = '{device}' and reason = 'negative'");

        var readings = await monitoring.ListAsync($"quarantine?device_id={device}");

        Assert.Equal([false, true], readings.Select(reading => reading.GetProperty("retryable").GetBoolean()).Order());
        var readable = readings.Find(reading => reading.GetProperty("retryable").GetBoolean());
        Assert.Equal("stored", (await monitoring.DoAsync($"quarantine/{readable.GetProperty("id").GetGuid()}/replay")).Text("outcome"));
    }

    [Fact]
    public async Task The_summary_counts_by_reason_what_is_not_discarded()
    {
        var device = await monitoring.DeviceAsync();
        var before = await CountAsync();
        await monitoring.QuarantineAsync(device, [.. Enumerable.Range(0, 3).Select(day => MonitoringFixture.Reading(device, Midnight.AddDays(-1000 - day), 1m))]);
        Assert.Equal(before + 3, await CountAsync());

        await monitoring.DoAsync("quarantine/discard", new { device_id = device, reason = "too_old" });

        Assert.Equal(before, await CountAsync());

        async Task<long> CountAsync()
        {
            var reason = (await monitoring.ListAsync("quarantine/summary")).Find(reason => reason.Text("reason") == "too_old");
            if (reason.ValueKind == JsonValueKind.Undefined)
                return 0;

            Assert.True(reason.GetProperty("oldest").GetDateTimeOffset() <= reason.GetProperty("newest").GetDateTimeOffset());
            return reason.GetProperty("count").GetInt64();
        }
    }
}
