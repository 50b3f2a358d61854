using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace EnergyAspire.Monitoring.Tests.Replicas;

/// <summary>A database for replicas alone, in which a commit needn't survive a power failure.</summary>
public sealed class ReplicaDatabase(MonitoringFixture monitoring) : IAsyncLifetime
{
    private DbContextOptions<MonitoringDbContext> _options = null!;

    public MonitoringDbContext Open() => new(_options);

    public async ValueTask InitializeAsync()
    {
        var database = await monitoring.CreateDatabaseAsync();
        _options = new DbContextOptionsBuilder<MonitoringDbContext>()
            .UseNpgsql($"{database};Options=-c synchronous_commit=off").UseSnakeCaseNamingConvention().Options;
        await using var db = Open();
        await db.Database.MigrateAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Random histories of the sources, with all kinds of events, end in the same replicas however the events come.</summary>
public sealed class ConvergenceTests(ReplicaDatabase replicas) : IClassFixture<ReplicaDatabase>
{
    // Creations are likelier than they'd be by chance, so that there is something to change and delete.
    private static readonly Gen<Move[]> History = Gen.Select(
        Gen.Frequency((3, Gen.Const(0)), (3, Gen.Const(1)), (1, Gen.Const(2)), (3, Gen.Const(3)), (3, Gen.Const(4)), (1, Gen.Const(5)), (4, Gen.Const(6)), (2, Gen.Const(7)), (3, Gen.Const(8)),
            (1, Gen.Const(9))),
        Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 99],
        (kind, user, device, value) => new Move(kind, user, device, value)).Array[4, 20];

    [Fact]
    public async Task Events_in_any_order_and_repetition_and_with_any_loss_of_the_consumer_end_as_the_source_says() =>
        await History.Select(Gen.Int).SampleAsync(async (history, seed) =>
        {
            var source = new SourceModel();
            foreach (var move in history)
                source.Make(move);

            await using var db = replicas.Open();
            await DeliverAsync(db, source.Events, new Random(seed));

            await AssertSameAsync(source, db);
        }, iter: 2000, threads: 4);

    [Fact]
    public async Task A_rebuild_in_between_shows_the_source_as_it_is_and_disturbs_no_event_before_or_after() =>
        await History.Select(History, Gen.Int).SampleAsync(async (before, after, seed) =>
        {
            var random = new Random(seed);
            var source = new SourceModel();
            foreach (var move in before)
                source.Make(move);

            await using var own = replicas.Open();
            // A rebuild would take away what other histories left.
            await own.Database.ExecuteSqlAsync($"delete from user_replicas; delete from device_replicas; delete from mapping_replicas");
            var late = source.Events.Where(_ => random.Next(3) == 0).ToHashSet();
            foreach (var delivery in Shuffled(source.Events.Where(delivery => !late.Contains(delivery)), random))
                await delivery(own);

            var live = source.Sources();
            // Identity always has an administrator.
            live.Users.Add(new UserState(DevelopmentData.Admin, "admin", "admin", 1, 1));
            await RebuildAsync(own, live);
            Assert.Equal(new RebuiltReplicas(new(0, 0, 0, live.Users.Count), new(0, 0, 0, live.Devices.Count), new(0, 0, 0, live.Mappings.Count), new(0, 0, 0, live.Tariffs.Count)), await RebuildAsync(own, live));

            var known = source.Events.Count;
            foreach (var move in after)
                source.Make(move);
            foreach (var delivery in Shuffled([.. late, .. source.Events.Skip(known), .. source.Events.Where(_ => random.Next(4) == 0)], random))
                await delivery(own);

            await AssertSameAsync(source, own);
        }, iter: 100, threads: 1);

    private static async Task<RebuiltReplicas> RebuildAsync(MonitoringDbContext db, FakeSources sources)
    {
        var (users, devices) = sources.Read();
        return await new ReplicaRebuild(users, devices, db, NullLogger<ReplicaRebuild>.Instance).RunAsync(CancellationToken.None);
    }

    private static Delivery[] Shuffled(IEnumerable<Delivery> deliveries, Random random)
    {
        var order = deliveries.ToArray();
        random.Shuffle(order);

        return order;
    }

    /// <summary>
    /// Delivers each event at least once in any order. A consumer may die after the handler and before the commit, or after the commit
    /// and before the acknowledgement; then the broker delivers again, some time later.
    /// </summary>
    private static async Task DeliverAsync(MonitoringDbContext db, IEnumerable<Delivery> events, Random random)
    {
        var queue = new List<Delivery>(Shuffled(events, random));
        for (var next = 0; next < queue.Count; next++)
        {
            var fate = random.Next(10);
            if (fate == 0)
            {
                await using var transaction = await db.Database.BeginTransactionAsync();
                await queue[next](db);
                await transaction.RollbackAsync();
            }
            else
            {
                await queue[next](db);
            }

            if (fate <= 2)
                queue.Insert(random.Next(next + 1, queue.Count + 1), queue[next]);
        }
    }

    private static async Task AssertSameAsync(SourceModel source, MonitoringDbContext db) =>
        Assert.Equal(source.Rows().Order(StringComparer.Ordinal), (await source.ReadAsync(db)).Order(StringComparer.Ordinal));
}
