using System.Net;
using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Monitoring.Tests.Replicas;

public sealed class ReplicaTests(MonitoringFixture monitoring)
{
    [Fact]
    public async Task An_older_event_never_overwrites_a_newer_row()
    {
        var id = Guid.NewGuid();

        await ApplyAsync(
            (db, cancel) => ReplicaHandlers.Apply(Envelope(new UserUpdated(id, "new", "admin"), 3), db, cancel),
            (db, cancel) => ReplicaHandlers.Apply(Envelope(new UserCreated(id, "old", "client"), 1), db, cancel));

        Assert.Equal(("new", "admin"), await monitoring.QueryAsync(async db =>
        {
            var user = await db.Users.SingleAsync(u => u.Id == id);
            return (user.Username, user.Role);
        }));
    }

    [Fact]
    public async Task A_late_event_does_not_resurrect_a_deleted_device()
    {
        var id = Guid.NewGuid();

        await ApplyAsync(
            (db, cancel) => ReplicaHandlers.Apply(Envelope(new DeviceDeleted(id), 2), db, cancel),
            (db, cancel) => ReplicaHandlers.Apply(Envelope(MonitoringFixture.Device(id), 1), db, cancel));

        Assert.True(await monitoring.QueryAsync(db => db.Devices.Where(device => device.Id == id).Select(device => device.IsDeleted).SingleAsync()));
    }

    [Fact]
    public async Task A_deletion_that_overtakes_an_update_does_not_lose_the_last_values()
    {
        var id = Guid.NewGuid();

        await ApplyAsync(
            (db, cancel) => ReplicaHandlers.Apply(Envelope(MonitoringFixture.Device(id), 1), db, cancel),
            (db, cancel) => ReplicaHandlers.Apply(Envelope(new DeviceDeleted(id), 3), db, cancel),
            (db, cancel) => ReplicaHandlers.Apply(Envelope(new DeviceUpdated(id, "last", "", 2, null, "Asia/Kolkata", 60), 2), db, cancel));

        var device = await monitoring.QueryAsync(db => db.Devices.SingleAsync(device => device.Id == id));
        Assert.Equal(("last", "Asia/Kolkata", 2L, 3L, true), (device.Name, device.TimeZone, device.StateVersion, device.Version, device.IsDeleted));
        Assert.Equal("Asia/Kolkata", (await monitoring.DayAsync(DevelopmentData.Admin, id, new DateOnly(2026, 3, 29))).GetProperty("time_zone").GetString());
    }

    [Fact]
    public async Task Tokens_of_an_older_generation_are_refused_after_the_event()
    {
        var id = Guid.NewGuid();
        using var old = monitoring.Service.ClientWith(TestTokens.ForAccount(id, "somebody", "client", generation: 1));
        using var current = monitoring.Service.ClientWith(TestTokens.ForAccount(id, "somebody", "client", generation: 2));
        await monitoring.AnnounceAsync(new UserCreated(id, "somebody", "client", TokenGeneration: 1), 1);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(old));

        await monitoring.AnnounceAsync(new UserUpdated(id, "somebody", "client", TokenGeneration: 2), 2);
        await Eventually.TrueAsync(async () => await StatusAsync(old) == HttpStatusCode.Unauthorized, "the older token is refused");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(current));
        await monitoring.AnnounceAsync(new UserDeleted(id), 3);
        await Eventually.TrueAsync(async () => await StatusAsync(current) == HttpStatusCode.Unauthorized, "a token of somebody who is gone is refused");

        static async Task<HttpStatusCode> StatusAsync(HttpClient client)
        {
            using var answer = await client.GetAsync(new Uri("/api/monitoring/devices", UriKind.Relative));
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_device_in_an_unknown_time_zone_is_refused_before_it_can_stop_readings() =>
        await Assert.ThrowsAsync<FormatException>(() => ApplyAsync(
            (db, cancel) => ReplicaHandlers.Apply(Envelope(MonitoringFixture.Device(Guid.NewGuid(), "Mars/Olympus_Mons"), 1), db, cancel)));

    [Fact]
    public async Task Assignments_in_any_order_and_repetition_end_as_the_last_one_says() =>
        await Gen.Bool.Array[1, 8].Select(Gen.Int).SampleAsync(async (history, seed) =>
        {
            var (user, device) = (Guid.NewGuid(), Guid.NewGuid());
            var events = history.Select((isAssigned, index) => (IsAssigned: isAssigned, Version: index + 1L)).ToArray();
            var delivered = events.Concat(events).ToArray();
            new Random(seed).Shuffle(delivered);

            await ApplyAsync([.. delivered.Select(change => (Func<MonitoringDbContext, CancellationToken, Task>)((db, cancel) => change.IsAssigned
                ? ReplicaHandlers.Apply(Envelope(new DeviceAssigned(user, device), change.Version), db, cancel)
                : ReplicaHandlers.Apply(Envelope(new DeviceUnassigned(user, device), change.Version), db, cancel)))]);

            return await monitoring.QueryAsync(db => db.Mappings
                .Where(mapping => mapping.UserId == user).Select(mapping => mapping.IsAssigned).SingleAsync()) == history[^1];
        }, iter: 50);

    private async Task ApplyAsync(params Func<MonitoringDbContext, CancellationToken, Task>[] handlers)
    {
        await using var scope = monitoring.Service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
        foreach (var handler in handlers)
            await handler(db, TestContext.Current.CancellationToken);
    }

    private static EventEnvelope<TEvent> Envelope<TEvent>(TEvent fact, long version)
        where TEvent : IEvent => new(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UtcNow, version, fact);
}
