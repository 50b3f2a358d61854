using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Devices.Users;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Devices.Tests;

/// <summary>Whatever happens to messages and consumers on the way, the replicas end as the source is.</summary>
public sealed class UserHistoryTests(TestServers servers)
{
    private const int Histories = 3000;
    private const int HistoriesPerTransaction = 50;

    /// <summary>What befalls a message when it is delivered.</summary>
    private enum Fate
    {
        /// <summary>Its effect is committed and it is acknowledged.</summary>
        Handled,

        /// <summary>The consumer dies before the commit; the message comes again.</summary>
        RolledBack,

        /// <summary>The consumer dies between commit and acknowledgement; the message comes again.</summary>
        CommittedButNotAcknowledged,
    }

    // Renames and changes of role and token generation, as many as there are; whether the user is deleted in the end, and has devices.
    private static readonly Gen<(int[] Changes, bool IsDeleted, int Devices)> Lives = Gen.Select(
        Gen.Int[0, 2].Array[0, 4], Gen.Bool, Gen.Int[0, 2]);

    private static readonly Gen<(Fate Fate, double Place, double Again)[]> Deliveries = Gen.Select(
        Gen.Frequency((3, Gen.Const(Fate.Handled)), (1, Gen.Const(Fate.RolledBack)), (1, Gen.Const(Fate.CommittedButNotAcknowledged))),
        Gen.Double[0, 1], Gen.Double[0, 1]).Array[18];

    private static readonly Gen<((int[] Changes, bool IsDeleted, int Devices)[] Lives, (Fate Fate, double Place, double Again)[] Deliveries)> History =
        Gen.Select(Lives.Array[1, 3], Deliveries);

    [Fact]
    public async Task Any_order_repetition_and_loss_ends_in_the_state_of_the_source()
    {
        var database = new NpgsqlConnectionStringBuilder(await DeviceService.CreateDatabaseAsync(servers)) { MaxAutoPrepare = 20 }.ConnectionString;
        var options = new DbContextOptionsBuilder<DeviceDbContext>().UseNpgsql(database).UseSnakeCaseNamingConvention().Options;
        await using (var db = new DeviceDbContext(options))
            await db.Database.MigrateAsync();

        await History.Array[HistoriesPerTransaction].SampleAsync(
            async histories =>
            {
                // Rolled back in the end, so that shrinking starts from the same.
                await using var db = new DeviceDbContext(options);
                await using var transaction = await db.Database.BeginTransactionAsync();
                foreach (var (lives, deliveries) in histories)
                    await HappensAsync(db, [.. lives.Select(life => new User(life.Changes, life.IsDeleted, life.Devices))], deliveries);
            },
            iter: Histories / HistoriesPerTransaction, threads: 2);
    }

    private static async Task HappensAsync(DeviceDbContext db, User[] users, (Fate Fate, double Place, double Again)[] deliveries)
    {
        foreach (var mapping in users.SelectMany(user => user.Mappings))
            db.Add(mapping);
        await db.SaveChangesAsync();
        db.ChangeTracker.Clear();

        // Each message comes once, some again; those that were not acknowledged come again at a later place.
        var messages = users.SelectMany(user => user.Messages)
            .Zip(deliveries, (handle, delivery) => (Handle: handle, Delivery: delivery))
            .SelectMany(message => message.Delivery switch
            {
                { Fate: Fate.Handled, Again: > 0.7 } => [(message.Delivery.Place, message.Delivery.Fate, message.Handle), (message.Delivery.Again, Fate.Handled, message.Handle)],
                { Fate: Fate.Handled } => [(message.Delivery.Place, message.Delivery.Fate, message.Handle)],
                _ => ((double Place, Fate Fate, Func<DeviceDbContext, Task> Handle)[])
                    [(message.Delivery.Place, message.Delivery.Fate, message.Handle), (message.Delivery.Place + message.Delivery.Again, Fate.Handled, message.Handle)],
            })
            .OrderBy(delivery => delivery.Place);

        var transaction = db.Database.CurrentTransaction!;
        foreach (var (_, fate, handle) in messages)
        {
            if (fate == Fate.RolledBack)
                await transaction.CreateSavepointAsync("delivery");
            await handle(db);
            await db.SaveChangesAsync();
            db.ChangeTracker.Clear();
            if (fate == Fate.RolledBack)
                await transaction.RollbackToSavepointAsync("delivery");
        }

        await AssertAsInTheSourceAsync(db, users);
    }

    private static async Task AssertAsInTheSourceAsync(DeviceDbContext db, User[] users)
    {
        var ids = users.Select(user => user.Id).ToArray();
        var replicas = await db.Users.AsNoTracking().Where(replica => ids.Contains(replica.Id)).ToListAsync();
        Assert.Equal(
            users.Select(user => user.State).Order(),
            replicas.Select(replica => (replica.Id, replica.Username, replica.Role, replica.TokenGeneration, replica.Version, replica.IsDeleted)).Order());

        var mappings = await db.Mappings.AsNoTracking().Where(mapping => ids.Contains(mapping.UserId)).ToListAsync();
        Assert.All(mappings, mapping =>
        {
            var isDeleted = users.Single(user => user.Id == mapping.UserId).State.IsDeleted;
            Assert.Equal((!isDeleted, isDeleted ? 2 : 1), (mapping.IsAssigned, mapping.Version));
        });

        var aggregates = mappings.Select(mapping => mapping.Unassigned().Aggregate).ToArray();
        Assert.Equal(mappings.Count(mapping => !mapping.IsAssigned), await db.Set<OutboxMessage>().CountAsync(message => aggregates.Contains(message.Aggregate)));
    }

    /// <summary>An account at its source, and the messages that its life sends.</summary>
    private sealed class User
    {
        public User(int[] changes, bool isDeleted, int devices)
        {
            var (id, username, role, generation, version) = (Guid.CreateVersion7(), "name", "client", 1L, 1L);
            Messages.Add(Of(new UserCreated(id, username, role, generation), version, UserReplicas.Apply));
            foreach (var change in changes)
            {
                version++;
                username = change == 0 ? $"name {version}" : username;
                role = change == 1 ? (role == "client" ? "admin" : "client") : role;
                generation += change == 0 ? 0 : 1;
                Messages.Add(Of(new UserUpdated(id, username, role, generation), version, UserReplicas.Apply));
            }

            if (isDeleted)
                Messages.Add(Of(new UserDeleted(id), ++version, UserReplicas.Apply));

            Id = id;
            State = isDeleted ? (id, "", "", 0, version, true) : (id, username, role, generation, version, false);
            Mappings = [.. Enumerable.Range(0, devices).Select(_ => new Mapping
            {
                UserId = id, DeviceId = Guid.CreateVersion7(), Id = Guid.CreateVersion7(), AssignedAt = DateTimeOffset.UnixEpoch,
            })];
        }

        public Guid Id { get; }

        public (Guid Id, string Username, string Role, long TokenGeneration, long Version, bool IsDeleted) State { get; }

        public List<Mapping> Mappings { get; }

        public List<Func<DeviceDbContext, Task>> Messages { get; } = [];

        private static Func<DeviceDbContext, Task> Of<TEvent>(
            TEvent fact, long version, Func<EventEnvelope<TEvent>, DeviceDbContext, CancellationToken, Task> handler)
            where TEvent : IEvent
        {
            var envelope = new EventEnvelope<TEvent>(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UnixEpoch, version, fact);
            return db => handler(envelope, db, CancellationToken.None);
        }
    }
}
