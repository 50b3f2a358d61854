using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Messaging.Tests;

public sealed class OutboxTests(TestServers servers)
{
    private static readonly string Queue = Topology.DeviceSync.Name;

    [Fact]
    public async Task A_committed_event_arrives_as_the_contract_says()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), servers.Broker, outbox: true);

        var id = await node.RegisterAsync("alice");

        var message = await wire.WaitForAsync(Queue);
        var envelope = JsonDocument.Parse(message.Body).RootElement;
        Assert.Equal("user_created", message.RoutingKey);
        Assert.Equal(DeliveryModes.Persistent, message.BasicProperties.DeliveryMode);
        Assert.Equal(message.BasicProperties.MessageId, envelope.GetProperty("event_id").GetString());
        Assert.Equal("user_created", envelope.GetProperty("event_type").GetString());
        Assert.Equal(1, envelope.GetProperty("version").GetInt64());
        Assert.True(envelope.GetProperty("occurred_at").TryGetDateTimeOffset(out _));
        Assert.Equal(new UserCreated(id, "alice", "client"), envelope.GetProperty("data").Deserialize<UserCreated>(MessageJson.Options));
        Assert.Equal(["id", "role", "token_generation", "username"], envelope.GetProperty("data").EnumerateObject().Select(field => field.Name).Order());
        await Eventually.TrueAsync(() => node.WithAsync(async db => !await db.Outbox.AnyAsync()), "the outbox is empty");
    }

    [Fact]
    public async Task A_change_that_fails_leaves_no_event()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), servers.Broker, outbox: true);
        await node.RegisterAsync("alice");

        await Assert.ThrowsAsync<DbUpdateException>(() => node.RegisterAsync("alice"));
        await node.WithAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.Announce(new UserCreated(Guid.NewGuid(), "rolled back", "client"), 1, DateTimeOffset.UtcNow);
            return await db.SaveChangesAsync();
        });
        await node.RegisterAsync("last");

        var usernames = (await wire.TakeAsync(Queue, 2)).Select(UsernameOf);
        Assert.Equal(["alice", "last"], usernames);
    }

    [Fact]
    public async Task Two_dispatchers_send_each_event_and_keep_the_order_of_an_aggregate()
    {
        const int people = 20, changes = 25;
        await using var wire = await Wire.OpenAsync(servers);
        var database = await Node.CreateDatabaseAsync(servers);
        await using var first = await Node.StartAsync(database, servers.Broker, outbox: true);
        await using var second = await Node.StartAsync(database, servers.Broker, outbox: true);

        await Parallel.ForAsync(0, people, async (number, _) =>
        {
            var id = await first.RegisterAsync($"person {number}");
            for (var version = 2; version <= changes; version++)
            {
                var current = version;
                await (version % 2 == 0 ? first : second).WithAsync(async db =>
                {
                    db.Announce(new UserUpdated(id, $"person {number}", "client"), current, DateTimeOffset.UtcNow);
                    return await db.SaveChangesAsync();
                });
            }
        });

        var messages = (await wire.TakeAsync(Queue, people * changes)).ConvertAll(message => JsonDocument.Parse(message.Body).RootElement);
        Assert.Equal(people * changes, messages.Count);
        foreach (var person in messages.GroupBy(UsernameOf))
            Assert.Equal(Enumerable.Range(1, changes), person.Select(envelope => envelope.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task An_event_committed_while_the_broker_is_away_is_sent_when_it_is_back()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var cable = Cables.ToBroker(servers, out var broker, cut: true);
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), broker, outbox: true);

        await node.RegisterAsync("patient");
        Assert.Equal(HealthStatus.Unhealthy, await node.HealthAsync());
        cable.Mend();

        Assert.Equal("patient", UsernameOf(await wire.WaitForAsync(Queue)));
        await node.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task The_depth_of_the_outbox_and_the_age_of_its_oldest_event_are_measured()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var cable = Cables.ToBroker(servers, out var broker, cut: true);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), broker, outbox: true, time: time);
        using var depth = new MetricCollector<long>(node.Meters, MessagingMetrics.Name, "energy.outbox.messages");
        using var age = new MetricCollector<double>(node.Meters, MessagingMetrics.Name, "energy.outbox.oldest.age");
        await node.WithAsync(async db =>
        {
            db.Announce(new UserCreated(Guid.NewGuid(), "waiting", "client"), 1, time.GetUtcNow() - TimeSpan.FromHours(1));
            db.Announce(new UserCreated(Guid.NewGuid(), "newer", "client"), 1, time.GetUtcNow());
            return await db.SaveChangesAsync();
        });

        // Also while the broker is unavailable.
        await SeeAsync(messages: 2);
        var waited = age.LastMeasurement!;
        cable.Mend();
        await SeeAsync(messages: 0);

        Assert.InRange(waited.Value, 3600, 3600 + 1800);
        Assert.Equal("PeopleDbContext outbox", waited.Tags["energy.outbox.name"]);
        Assert.Equal(0, age.LastMeasurement!.Value);

        // Each look is ten seconds after the one before, and so are tries to connect later ones.
        Task SeeAsync(long messages) => Eventually.TrueAsync(
            () =>
            {
                if (depth.LastMeasurement?.Value == messages && age.GetMeasurementSnapshot().Count == depth.GetMeasurementSnapshot().Count)
                    return Task.FromResult(true);

                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(false);
            },
            $"{messages} messages are measured");
    }

    [Fact]
    public async Task Every_event_is_sent_although_the_connection_is_cut_again_and_again()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var cable = Cables.ToBroker(servers, out var broker);
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), broker, outbox: true);

        for (var number = 0; number < 200; number++)
        {
            await node.RegisterAsync($"person {number:000}");
            if (number % 50 == 25)
                cable.Drop();
        }

        await Eventually.TrueAsync(() => node.WithAsync(async db => !await db.Outbox.AnyAsync()), "the outbox is empty");
        var sent = (await wire.TakeAsync(Queue, 200)).Select(UsernameOf).Distinct().Order();
        Assert.Equal(Enumerable.Range(0, 200).Select(number => $"person {number:000}"), sent);
    }

    [Fact]
    public async Task An_event_waits_for_its_queues_when_someone_deleted_them()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), servers.Broker, outbox: true);
        await node.WaitUntilReadyAsync();
        foreach (var queue in Topology.EventQueues)
            await wire.DeleteQueueAsync(queue.Name);

        await node.RegisterAsync("alice");

        await Eventually.TrueAsync(async () => await wire.LookAsync(Queue) is not null, "the queue is declared again");
        Assert.Equal("alice", UsernameOf(await wire.WaitForAsync(Queue)));
    }

    private static string UsernameOf(BasicGetResult message) => UsernameOf(JsonDocument.Parse(message.Body).RootElement);

    private static string UsernameOf(JsonElement envelope) => envelope.GetProperty("data").GetProperty("username").GetString()!;
}
