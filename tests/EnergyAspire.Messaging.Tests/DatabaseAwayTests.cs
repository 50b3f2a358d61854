using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace EnergyAspire.Messaging.Tests;

public sealed class DatabaseAwayTests(TestServers servers)
{
    [Fact]
    public async Task A_process_that_starts_before_its_database_and_broker_waits_for_them()
    {
        await using var wire = await Wire.OpenAsync(servers);
        await using var databaseCable = Cables.ToDatabase(await Node.CreateDatabaseAsync(servers), out var database, cut: true);
        await using var brokerCable = Cables.ToBroker(servers, out var broker, cut: true);
        await using var node = await Node.StartAsync(database, broker, outbox: true, handle: _ => Task.CompletedTask);

        // Long enough for every first try to have failed.
        await Eventually.TrueAsync(() => Task.FromResult(databaseCable.Refused >= 3), "the database was asked for three times");
        Assert.Equal(HealthStatus.Unhealthy, await node.HealthAsync());

        databaseCable.Mend();
        brokerCable.Mend();
        await node.WaitUntilReadyAsync();
        await node.RegisterAsync("alice");
        await node.WaitForEffectsAsync("alice");
    }

    [Fact]
    public async Task The_outbox_is_sent_on_when_the_database_was_away()
    {
        await using var wire = await Wire.OpenAsync(servers);
        var direct = await Node.CreateDatabaseAsync(servers);
        await using var cable = Cables.ToDatabase(direct, out var database);
        await using var other = await Node.StartAsync(direct, servers.Broker);
        await using var node = await Node.StartAsync(database, servers.Broker, outbox: true);
        await node.WaitUntilReadyAsync();

        cable.Cut();
        await Eventually.TrueAsync(() => Task.FromResult(cable.Refused >= 2), "the dispatcher looked in vain");
        await other.RegisterAsync("alice");
        Assert.Equal(HealthStatus.Healthy, await node.HealthAsync());
        cable.Mend();

        Assert.NotNull(await wire.WaitForAsync(Topology.DeviceSync.Name));
    }

    /// <summary>Event id of a periodic worker that can't reach its database.</summary>
    private const int PeriodicWorkerLog = 401;

    [Fact]
    public async Task Old_inbox_rows_are_removed_also_after_the_database_was_away()
    {
        await using var wire = await Wire.OpenAsync(servers);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var direct = await Node.CreateDatabaseAsync(servers);
        await using var cable = Cables.ToDatabase(direct, out var database);
        await using var other = await Node.StartAsync(direct, servers.Broker);
        using var log = new HeardLog();
        await using var node = await Node.StartAsync(database, servers.Broker, time: time, handle: _ => Task.CompletedTask, log: log);
        await node.WaitUntilReadyAsync();

        cable.Cut();
        await other.WithAsync(async db =>
        {
            db.Add(new InboxMessage { MessageId = Guid.NewGuid(), Consumer = "old", HandledAt = time.GetUtcNow() - TimeSpan.FromDays(15) });
            db.Add(new InboxMessage { MessageId = Guid.NewGuid(), Consumer = "new", HandledAt = time.GetUtcNow() });
            return await db.SaveChangesAsync();
        });
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMinutes(10));
            return Task.FromResult(log.Events.Count(id => id == PeriodicWorkerLog) >= 2);
        }, "the cleaner failed twice and said so");
        cable.Mend();

        await Eventually.TrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(10));
            return await other.WithAsync(db => db.Inbox.Select(message => message.Consumer).ToListAsync()) is ["new"];
        }, "only the old row is gone");
    }
}
