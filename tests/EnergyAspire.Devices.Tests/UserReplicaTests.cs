using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Users;
using EnergyAspire.Messaging;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using RabbitMQ.Client;

namespace EnergyAspire.Devices.Tests;

public sealed class UserReplicaTests(TestServers servers)
{
    [Fact]
    public async Task The_replicas_follow_the_events_in_any_order_and_repetition()
    {
        const int users = 40;
        await using var channel = await DeviceService.OpenChannelAsync(servers);
        await using var service = await DeviceService.StartAsync(servers, await DeviceService.CreateDatabaseAsync(servers), "Production");

        // Each user is created, renamed twice, promoted; every other one is deleted in the end.
        var ids = Enumerable.Range(0, users).Select(_ => Guid.CreateVersion7()).ToArray();
        var history = ids.SelectMany((id, number) => new[]
        {
            Envelope(1, new UserCreated(id, $"user {number}", "client")),
            Envelope(2, new UserUpdated(id, $"renamed {number}", "client")),
            Envelope(3, new UserUpdated(id, $"again {number}", "client")),
            Envelope(4, new UserUpdated(id, $"again {number}", "admin")),
        }.Concat(number % 2 == 0 ? [Envelope(5, new UserDeleted(id))] : [])).ToArray();
        var shuffled = history.Concat(history).ToArray();
        new Random(42).Shuffle(shuffled);
        foreach (var message in shuffled)
            await PublishAsync(channel, message);

        var expected = ids.Select((id, number) => number % 2 == 0 ? (id, "", "", 5, true) : (id, $"again {number}", "admin", 4L, false)).Order().ToArray();
        await Eventually.TrueAsync(() => service.WithAsync(async db =>
            expected.SequenceEqual((await db.Users.ToListAsync())
                .Select(user => (user.Id, user.Username, user.Role, user.Version, user.IsDeleted)).Order())), "the replicas are as the last events say");
    }

    [Fact]
    public async Task A_late_update_does_not_bring_a_deleted_user_back()
    {
        var id = Guid.CreateVersion7();
        await using var service = await DeviceService.StartAsync(servers, await DeviceService.CreateDatabaseAsync(servers), "Production");

        var held = await service.WithAsync(async db =>
        {
            await UserReplicas.Apply(new EventEnvelope<UserDeleted>(Guid.NewGuid(), UserDeleted.EventType, DateTimeOffset.UtcNow, 3, new(id)), db, default);
            await UserReplicas.Apply(new EventEnvelope<UserUpdated>(Guid.NewGuid(), UserUpdated.EventType, DateTimeOffset.UtcNow, 2, new(id, "late", "admin")), db, default);
            await UserReplicas.Apply(new EventEnvelope<UserCreated>(Guid.NewGuid(), UserCreated.EventType, DateTimeOffset.UtcNow, 1, new(id, "later", "admin")), db, default);
            return await db.Users.SingleAsync(user => user.Id == id);
        });

        Assert.True(held.IsDeleted);
        Assert.Equal(3, held.Version);
        Assert.Equal("", held.Username);
    }

    [Fact]
    public async Task Mappings_show_the_username_once_it_is_known()
    {
        await using var channel = await DeviceService.OpenChannelAsync(servers);
        await using var service = await DeviceService.StartAsync(servers, await DeviceService.CreateDatabaseAsync(servers));
        using var alice = service.ClientOf(DevelopmentData.Alice);
        async Task<string?[]> UsernamesAsync() => [.. (await alice.GetFromJsonAsync<List<JsonElement>>(new Uri("/api/mappings", UriKind.Relative)))!
            .Select(mapping => mapping.GetProperty("user_username").GetString())];
        Assert.Equal([null, null, null], await UsernamesAsync());

        await PublishAsync(channel, Envelope(1, new UserCreated(DevelopmentData.Alice, "alice", "client")));

        await Eventually.GetAsync(UsernamesAsync, usernames => usernames is ["alice", "alice", "alice"], "the mappings show the username");
    }

    private static (Guid Id, string Type, byte[] Body) Envelope<TEvent>(long version, TEvent data)
        where TEvent : IEvent
    {
        var envelope = new EventEnvelope<TEvent>(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UtcNow, version, data);
        return (envelope.EventId, envelope.EventType, JsonSerializer.SerializeToUtf8Bytes(envelope, MessageJson.Options));
    }

    private static async Task PublishAsync(IChannel channel, (Guid Id, string Type, byte[] Body) message) => await channel.BasicPublishAsync(
        Topology.EventExchange, message.Type, mandatory: true, new BasicProperties { MessageId = message.Id.ToString() }, message.Body);
}
