using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Monitoring.Tests.Readings;

// Other tests would see their connections dropped too.
[CollectionDefinition(DisableParallelization = true)]
public sealed class LostDatabaseCollection;

[Collection<LostDatabaseCollection>]
public sealed class LostDatabaseTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-1), TimeSpan.Zero);

    [Fact]
    public async Task Readings_wait_while_the_database_drops_its_connections_and_none_is_lost()
    {
        var device = await monitoring.DeviceAsync();
        var publishing = Task.Run(async () =>
        {
            foreach (var second in Enumerable.Range(0, 1000))
                await monitoring.PublishAsync(MonitoringFixture.Reading(device, Midnight.AddSeconds(second), 0.001m));
        }, TestContext.Current.CancellationToken);

        while (!publishing.IsCompleted)
        {
            await monitoring.ScalarAsync<long>(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
            await Task.WhenAny(publishing, Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken));
        }

        await publishing;
        // This test's own connections were dropped as well.
        NpgsqlConnection.ClearAllPools();
        await Eventually.GetAsync(
            () => monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.Energy)),
            energy => energy == 1_000_000, "every reading is counted once");
    }
}
