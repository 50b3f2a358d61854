using System.Collections.Concurrent;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace EnergyAspire.Messaging.Tests;

public sealed class InboxTests(TestServers servers)
{
    private static readonly string Queue = Topology.DeviceSync.Name;
    private static readonly string DeadLetters = Topology.DeviceSync.DeadLetterQueue;

    [Fact]
    public async Task The_same_message_again_has_no_second_effect()
    {
        await using var wire = await Wire.OpenAsync(servers);
        var database = await Node.CreateDatabaseAsync(servers);
        await using var first = await Node.StartAsync(database, servers.Broker, handle: Succeed);
        await using var second = await Node.StartAsync(database, servers.Broker, handle: Succeed);

        var id = await wire.PublishAsync("alice");
        await first.WaitForEffectsAsync("alice");
        await Parallel.ForAsync(0, 50, async (_, _) => await wire.PublishAsync("alice", id));
        await wire.PublishAsync("last");

        await first.WaitForEffectsAsync("alice", "last");
        await WaitUntilEmptyAsync(wire);
        Assert.Equal(["alice", "last"], await first.EffectsAsync());
        Assert.Null(await wire.TakeAsync(DeadLetters));
    }

    [Fact]
    public async Task A_handler_that_throws_leaves_neither_effect_nor_mark_and_is_tried_again()
    {
        await using var wire = await Wire.OpenAsync(servers);
        var database = await Node.CreateDatabaseAsync(servers);
        var tries = new ConcurrentQueue<int>();
        await using var node = await Node.StartAsync(database, servers.Broker, configure: NoDelays, handle: async heard =>
        {
            // A fresh context sees what is committed: nothing of the tries before.
            await using var outside = new PeopleDbContext(new DbContextOptionsBuilder<PeopleDbContext>()
                .UseNpgsql(database).UseSnakeCaseNamingConvention().Options);
            tries.Enqueue(await outside.Effects.CountAsync() + await outside.Inbox.CountAsync());
            if (tries.Count < 3)
                throw new InvalidOperationException("not yet");
        });

        await wire.PublishAsync("alice");

        await node.WaitForEffectsAsync("alice");
        Assert.Equal([0, 0, 0], tries);
        Assert.Equal(1, await node.WithAsync(db => db.Inbox.CountAsync()));
    }

    [Fact]
    public async Task Poison_moves_to_the_dead_letter_queue_after_its_tries_while_others_flow_past()
    {
        await using var wire = await Wire.OpenAsync(servers);
        var time = new FakeTimeProvider();
        var tries = 0;
        await using var node = await Node.StartAsync(
            await Node.CreateDatabaseAsync(servers), servers.Broker, time: time, handle: heard =>
            {
                if (heard.Username != "poison")
                    return Task.CompletedTask;
                Interlocked.Increment(ref tries);
                throw new InvalidOperationException("can't swallow this");
            });

        var poison = await wire.PublishAsync("poison");
        await Eventually.TrueAsync(() => Task.FromResult(tries == 1), "the poison was tried");
        var others = Enumerable.Range(0, 50).Select(number => $"person {number}").ToArray();
        foreach (var username in others)
            await wire.PublishAsync(username);

        // The clock stands still, so the poison waits between its tries.
        await node.WaitForEffectsAsync(others);
        Assert.Equal(1, tries);

        var dead = (await Eventually.GetAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            return wire.TakeAsync(DeadLetters);
        }, message => message is not null, "the poison is dead-lettered"))!;
        Assert.Equal(5, tries);
        Assert.Equal(poison.ToString(), dead.BasicProperties.MessageId);
        Assert.Equal("InvalidOperationException: can't swallow this", dead.Header("x-dead-reason"));
        Assert.Equal("user_created", dead.Header("x-dead-routing-key"));
        Assert.Equal(poison, JsonDocument.Parse(dead.Body).RootElement.GetProperty("event_id").GetGuid());
        await WaitUntilEmptyAsync(wire);
        Assert.False(await node.WithAsync(db => db.Inbox.AnyAsync(message => message.MessageId == poison)));
    }

    [Fact]
    public async Task A_dead_letter_that_comes_back_by_its_own_way_is_handled_and_by_another_removed()
    {
        await using var wire = await Wire.OpenAsync(servers);
        var isMended = false;
        await using var node = await Node.StartAsync(
            await Node.CreateDatabaseAsync(servers), servers.Broker, configure: NoDelays,
            handle: _ => isMended ? Task.CompletedTask : throw new InvalidOperationException("not yet mended"));
        await wire.PublishAsync("alice");
        var dead = await wire.WaitForAsync(DeadLetters);

        isMended = true;
        // The default exchange is everybody's who reports readings; what they write into headers means nothing.
        await wire.MoveAsync(dead, exchange: "", Queue);
        await wire.PublishAsync("last");
        await node.WaitForEffectsAsync("last");
        Assert.Null(await wire.TakeAsync(DeadLetters));

        await wire.MoveAsync(dead, Topology.DeviceSync.ReplayExchange, dead.RoutingKey);
        await node.WaitForEffectsAsync("alice", "last");
    }

    [Theory]
    [InlineData("user_created", "{ broken", "JsonException")]
    [InlineData("user_created", "null", "JsonException")]
    [InlineData("user_created", """{"event_id": "00000000-0000-0000-0000-000000000001", "version": 1}""", "JsonException")]
    [InlineData("user_created", """{"event_id": "not an id"}""", "JsonException")]
    [InlineData("user_created", "", "JsonException")]
    public async Task Broken_JSON_is_dead_lettered_at_once_as_it_came(string routingKey, string body, string reason)
    {
        await using var wire = await Wire.OpenAsync(servers);
        // No time passes, so there was no further try.
        await using var node = await Node.StartAsync(
            await Node.CreateDatabaseAsync(servers), servers.Broker, time: new FakeTimeProvider(), handle: Succeed);

        await wire.PublishAsync(routingKey, Guid.NewGuid().ToString(), body);

        var dead = await wire.WaitForAsync(DeadLetters);
        Assert.Equal(body, dead.Text());
        Assert.StartsWith(reason, dead.Header("x-dead-reason"), StringComparison.Ordinal);
        Assert.Equal(0, await node.WithAsync(db => db.Inbox.CountAsync()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not an id")]
    public async Task A_message_without_an_id_is_dead_lettered_at_once(string? messageId)
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var node = await Node.StartAsync(
            await Node.CreateDatabaseAsync(servers), servers.Broker, time: new FakeTimeProvider(), handle: Succeed);

        await wire.PublishAsync("user_created", messageId, "{}");

        var dead = await wire.WaitForAsync(DeadLetters);
        Assert.StartsWith("FormatException", dead.Header("x-dead-reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_comes_back_when_its_queue_is_deleted()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), servers.Broker, handle: Succeed);
        await WaitUntilConsumedAsync(wire);

        await wire.DeleteQueueAsync(Queue);
        await WaitUntilConsumedAsync(wire);
        await wire.PublishAsync("alice");

        await node.WaitForEffectsAsync("alice");
    }

    [Fact]
    public async Task A_consumer_comes_back_when_its_connection_is_cut_in_the_middle_of_a_message()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var cable = Cables.ToBroker(servers, out var broker);
        var held = new TaskCompletionSource();
        var begun = 0;
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), broker, handle: async _ =>
        {
            if (Interlocked.Increment(ref begun) == 1)
                await held.Task;
        });

        await wire.PublishAsync("alice");
        await Eventually.TrueAsync(() => Task.FromResult(begun == 1), "the message is being handled");
        cable.Drop();
        // The message is delivered again on the next connection while the first handling is still at work.
        await WaitUntilConsumedAsync(wire);
        held.SetResult();
        await wire.PublishAsync("last");

        await node.WaitForEffectsAsync("alice", "last");
        await WaitUntilEmptyAsync(wire);
        Assert.Equal(["alice", "last"], await node.EffectsAsync());
    }

    [Fact]
    public async Task A_message_that_cannot_be_dead_lettered_now_is_not_lost()
    {
        await using var wire = await Wire.OpenAsync(servers);
        var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), servers.Broker, handle: Succeed);
        await using var _ = node;
        await WaitUntilConsumedAsync(wire);

        await wire.DeleteQueueAsync(DeadLetters);
        await wire.PublishAsync("user_created", Guid.NewGuid().ToString(), "{ broken");

        await Eventually.TrueAsync(async () => await wire.LookAsync(DeadLetters) is { MessageCount: 1 }, "the dead letter arrived");
        await WaitUntilEmptyAsync(wire);
    }

    [Fact]
    public async Task Messages_wait_without_losing_tries_while_the_database_is_away()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var cable = Cables.ToDatabase(await Node.CreateDatabaseAsync(servers), out var database);
        var time = new FakeTimeProvider();
        await using var node = await Node.StartAsync(database, servers.Broker, time: time, handle: Succeed);
        await WaitUntilConsumedAsync(wire);

        cable.Cut();
        await wire.PublishAsync("alice");
        await wire.PublishAsync("bob");
        for (var second = 0; second < 100; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Null(await wire.TakeAsync(DeadLetters));
        }

        cable.Mend();
        await Eventually.TrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await node.EffectsAsync()).Count == 2;
        }, "both messages were handled");
        Assert.Null(await wire.TakeAsync(DeadLetters));
    }

    [Theory]
    [InlineData("select pg_terminate_backend(pg_backend_pid())")]
    [InlineData("do $$ begin raise exception 'starting' using errcode = '57P03'; end $$")]
    [InlineData("do $$ begin raise exception 'no such database' using errcode = '3D000'; end $$")]
    [InlineData("do $$ begin raise exception 'wrong password' using errcode = '28P01'; end $$")]
    [InlineData("do $$ begin raise exception 'read only' using errcode = '25006'; end $$")]
    public async Task A_fault_of_the_database_costs_a_message_no_try(string fault)
    {
        await using var wire = await Wire.OpenAsync(servers);
        var time = new FakeTimeProvider();
        var tries = 0;
        await using var node = await Node.StartAsync(
            await Node.CreateDatabaseAsync(servers), servers.Broker, time: time, handle: async heard =>
            {
                if (Interlocked.Increment(ref tries) <= 8)
                    await heard.Db.Database.ExecuteSqlRawAsync(fault);
            });

        await wire.PublishAsync("alice");

        await Eventually.TrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await node.EffectsAsync()).Count == 1;
        }, "the message was handled");
        Assert.Equal(9, tries);
        Assert.Null(await wire.TakeAsync(DeadLetters));
    }

    private static Task Succeed(Heard heard) => Task.CompletedTask;

    private static void NoDelays(EventConsumerOptions options) => options.RetryDelays = [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero];

    private static Task WaitUntilConsumedAsync(Wire wire) =>
        Eventually.TrueAsync(async () => await wire.LookAsync(Queue) is { ConsumerCount: > 0 }, "the queue has a consumer");

    private static Task WaitUntilEmptyAsync(Wire wire) =>
        Eventually.TrueAsync(async () => await wire.LookAsync(Queue) is { MessageCount: 0 }, "the queue is empty");
}
