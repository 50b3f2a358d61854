using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using RabbitMQ.Client;

namespace EnergyAspire.Monitoring.Tests.Replicas;

public sealed class DeadLetterTests(MonitoringFixture monitoring)
{
    private const string Path = "/api/monitoring/dead-letters";

    [Fact]
    public async Task What_could_not_be_handled_is_shown_with_its_reason_and_handled_once_that_is_mended()
    {
        var id = Guid.NewGuid();
        var letter = await DieAsync(MonitoringFixture.Device(id));

        // Looking takes nothing away.
        await LookAsync();
        var shown = (await LookAsync()).GetProperty("messages").EnumerateArray().Single(message => message.GetProperty("id").GetString() == letter.ToString());
        Assert.Equal("device_created", shown.GetProperty("event_type").GetString());
        Assert.Equal("TimeoutException: the disk was full", shown.GetProperty("reason").GetString());
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero), shown.GetProperty("failed_at").GetDateTimeOffset());
        Assert.Contains(id.ToString(), shown.GetProperty("body").GetString(), StringComparison.Ordinal);

        Assert.True((await ReplayAsync()).GetProperty("moved").GetInt32() >= 1);

        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(device => device.Id == id)), "the device is known");
        Assert.DoesNotContain(
            (await LookAsync()).GetProperty("messages").EnumerateArray(), message => message.GetProperty("id").GetString() == letter.ToString());
        Assert.True(await monitoring.ScalarAsync<bool>("select exists (select from audit_records where action = 'dead_letters_replayed' and actor = 'admin')"));
    }

    [Fact]
    public async Task What_fails_again_comes_back_with_the_new_reason()
    {
        var letter = await DieAsync(body: "not JSON"u8.ToArray());

        await ReplayAsync();

        await Eventually.TrueAsync(async () => (await LookAsync()).GetProperty("messages").EnumerateArray().Any(message =>
            message.GetProperty("id").GetString() == letter.ToString()
            && message.GetProperty("reason").GetString()!.StartsWith("JsonException", StringComparison.Ordinal)), "it is back");
        // Nobody is left to read it.
        await monitoring.PurgeAsync(Topology.MonitoringSync.DeadLetterQueue);
    }

    [Fact]
    public async Task Many_are_counted_moved_and_handled_once()
    {
        await monitoring.PurgeAsync(Topology.MonitoringSync.DeadLetterQueue);
        var ids = Enumerable.Range(0, 400).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var id in ids)
            await DieAsync(MonitoringFixture.Device(id));

        var shown = await LookAsync();
        Assert.Equal((400, 100), (shown.GetProperty("count").GetInt32(), shown.GetProperty("messages").GetArrayLength()));
        Assert.Contains(ids[0].ToString(), shown.GetProperty("messages")[0].GetProperty("body").GetString(), StringComparison.Ordinal);
        var replay = await ReplayAsync();
        Assert.Equal((400, 0), (replay.GetProperty("moved").GetInt32(), replay.GetProperty("left").GetInt32()));

        await Eventually.TrueAsync(
            async () => await monitoring.ScalarAsync<long>("select count(*) from device_replicas where id = any($1)", ids) == ids.Length, "all are handled");
        Assert.Equal(0, (await LookAsync()).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task What_somebody_else_put_there_is_shown_as_such_and_removed()
    {
        await monitoring.PurgeAsync(Topology.MonitoringSync.DeadLetterQueue);
        var (genuine, forged) = (Guid.NewGuid(), Guid.NewGuid());
        await monitoring.PublishAsync(Topology.MonitoringSync.DeadLetterQueue, Envelope(MonitoringFixture.Device(forged)), new BasicProperties
        {
            MessageId = $"{Guid.NewGuid()}",
            Headers = new Dictionary<string, object?> { ["x-dead-reason"] = "trust me", ["x-dead-routing-key"] = "device_created" },
        });
        await DieAsync(MonitoringFixture.Device(genuine));

        Assert.Equal(
            ["This service did not put it here; trying again removes it.", "TimeoutException: the disk was full"],
            (await LookAsync()).GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("reason").GetString()));
        var replay = await ReplayAsync();
        Assert.Equal((1, 0), (replay.GetProperty("moved").GetInt32(), replay.GetProperty("left").GetInt32()));
        Assert.Equal("One message is tried again. 1 that this service did not put there was removed.", replay.GetProperty("message").GetString());

        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(device => device.Id == genuine)), "the genuine one is handled");
        Assert.False(await monitoring.QueryAsync(db => db.Devices.AnyAsync(device => device.Id == forged)));
    }

    private static byte[] Envelope(DeviceCreated fact) => JsonSerializer.SerializeToUtf8Bytes(
        new EventEnvelope<DeviceCreated>(Guid.NewGuid(), DeviceCreated.EventType, DateTimeOffset.UtcNow, 1, fact), MessageJson.Options);

    private Task<Guid> DieAsync(DeviceCreated fact) => DieAsync(Envelope(fact));

    /// <summary>Puts a message there as a consumer does that could not handle it.</summary>
    private async Task<Guid> DieAsync(byte[] body)
    {
        var id = Guid.NewGuid();
        await monitoring.PublishDeadLetterAsync(DeviceCreated.EventType, body, new BasicProperties
        {
            MessageId = id.ToString(),
            Persistent = true,
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["x-dead-reason"] = "TimeoutException: the disk was full",
                ["x-dead-at"] = "2026-11-26T08:00:00.0000000+00:00",
                ["x-dead-routing-key"] = "device_created",
            },
        });

        return id;
    }

    private async Task<JsonElement> LookAsync()
    {
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        return await admin.GetFromJsonAsync<JsonElement>(new Uri(Path, UriKind.Relative), TestContext.Current.CancellationToken);
    }

    private async Task<JsonElement> ReplayAsync()
    {
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        using var answer = (await admin.PostAsync(new Uri($"{Path}/replay", UriKind.Relative), content: null)).EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
