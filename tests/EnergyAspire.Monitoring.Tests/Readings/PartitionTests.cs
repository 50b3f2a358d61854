using EnergyAspire.Data;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Monitoring.Tests.Readings;

/// <summary>Partitions come and go without holding up readings or questions.</summary>
public sealed class PartitionTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Today = new(DateTimeOffset.UtcNow.UtcDateTime.Date, TimeSpan.Zero);

    private ReadingPartitions Partitions => monitoring.Service.Services.GetRequiredService<ReadingPartitions>();

    [Fact]
    public async Task A_new_day_is_stored_while_a_long_query_reads_the_table()
    {
        var device = await monitoring.DeviceAsync();
        await using var reader = new NpgsqlConnection($"{monitoring.Database};Pooling=false");
        await reader.OpenAsync();
        await using var reading = await reader.BeginTransactionAsync();
        await using var query = new NpgsqlCommand("select count(*) from readings", reader);
        await query.ExecuteScalarAsync();

        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Today.AddDays(-333), 1m));

        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(db => db.Hours.AnyAsync(hour => hour.DeviceId == device)), "the reading is stored beside the query");
    }

    [Fact]
    public async Task Retention_drops_days_whatever_an_interrupted_run_left_and_keeps_their_hours()
    {
        var device = await monitoring.DeviceAsync();
        var (expired, detached) = (Today.AddDays(-410), Today.AddDays(-411));
        await using (var connection = new NpgsqlConnection(monitoring.Database))
        {
            await connection.OpenAsync();
            await Partitions.EnsureAsync(connection, [expired, detached], default);
        }

        await monitoring.ExecuteAsync($"""
            insert into readings values ('{device}', '{expired:O}', 5);
            insert into hourly_consumption values ('{device}', '{expired:O}', 5, 1);
            alter table readings detach partition readings_{detached:yyyyMMdd}
            """);

        await Partitions.RunOnceAsync(default);

        Assert.True(await monitoring.ScalarAsync<bool>(
            $"select to_regclass('readings_{expired:yyyyMMdd}') is null and to_regclass('readings_{detached:yyyyMMdd}') is null"));
        Assert.Equal(5, await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.Energy)));
    }

    [Fact]
    public async Task A_shorter_retention_drops_nothing_until_the_settings_allow_it()
    {
        var database = await monitoring.CreateDatabaseAsync();
        // It has no broker, so it takes no readings from the others' queue.
        await using var service = new ServiceHost<Program>(MonitoringFixture.Settings(database, "amqp://127.0.0.1:9"));
        var readiness = service.Services.GetRequiredService<DatabaseReadiness<MonitoringDbContext>>();
        await readiness.WaitAsync(TestContext.Current.CancellationToken);
        await using var connection = new NpgsqlConnection($"{database};Pooling=false");
        await connection.OpenAsync();
        await Eventually.TrueAsync(() => AnswerAsync("select exists (select from applied_retention)"), "the service has looked after its partitions");

        var (year, month) = (TimeSpan.FromDays(400), TimeSpan.FromDays(30));
        var (old, expired) = (Today.AddDays(-100), Today.AddDays(-402));

        Assert.True(await IsKeptAsync(old, year));
        Assert.True(await IsKeptAsync(old, month));
        // What the longer retention makes too old goes on being dropped.
        Assert.False(await IsKeptAsync(expired, month));
        Assert.True(await IsKeptAsync(old, month));
        Assert.False(await IsKeptAsync(old, month, isAllowed: true));
        // Now the shorter one is what was before.
        Assert.False(await IsKeptAsync(old, month));
        Assert.True(await IsKeptAsync(old, year));
        Assert.True(await IsKeptAsync(old, month));
        await AnswerAsync($"drop table readings_{old:yyyyMMdd}; select true");
        // Nothing would have been dropped, so nothing has to be allowed.
        Assert.True(await IsKeptAsync(Today.AddDays(-20), month));
        Assert.False(await IsKeptAsync(old, month));

        // A database from before the retention was noted, with more days than a short standstill leaves.
        await AnswerAsync("delete from applied_retention; select true");
        await service.Services.GetRequiredService<ReadingPartitions>().EnsureAsync(connection, [old.AddDays(1), old.AddDays(2)], default);
        Assert.True(await IsKeptAsync(old, month));
        Assert.True(await IsKeptAsync(old, month));
        Assert.False(await IsKeptAsync(old, month, isAllowed: true));
        await AnswerAsync("delete from applied_retention; select true");
        Assert.False(await IsKeptAsync(old, month));
        Assert.True(await AnswerAsync("select exists (select from applied_retention)"));

        async Task<bool> IsKeptAsync(DateTimeOffset day, TimeSpan retention, bool isAllowed = false)
        {
            using var partitions = new ReadingPartitions(
                service.Services.GetRequiredService<IServiceScopeFactory>(), readiness,
                Options.Create(new IngestOptions { Retention = retention, AllowShorterRetention = isAllowed }), TimeProvider.System,
                NullLogger<ReadingPartitions>.Instance);
            await partitions.EnsureAsync(connection, [day], default);
            await partitions.RunOnceAsync(default);

            return await AnswerAsync($"select to_regclass('readings_{day:yyyyMMdd}') is not null");
        }

        async Task<bool> AnswerAsync(string sql)
        {
            await using var question = new NpgsqlCommand(sql, connection);
            return (bool)(await question.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task Maintenance_that_failed_keeps_no_replica_from_trying_it_again()
    {
        var expired = Today.AddDays(-420);
        await using (var connection = new NpgsqlConnection(monitoring.Database))
        {
            await connection.OpenAsync();
            await Partitions.EnsureAsync(connection, [expired], default);
        }

        await monitoring.ExecuteAsync($"create view dependent as select * from readings_{expired:yyyyMMdd}");
        await Assert.ThrowsAsync<PostgresException>(() => Partitions.RunOnceAsync(default));

        Assert.True(await monitoring.ScalarAsync<bool>("select pg_try_advisory_lock(hashtext('reading maintenance'))"));
        await monitoring.ExecuteAsync("drop view dependent");
        await Partitions.RunOnceAsync(default);
        Assert.True(await monitoring.ScalarAsync<bool>($"select to_regclass('readings_{expired:yyyyMMdd}') is null"));
    }

    [Fact]
    public async Task A_month_that_is_over_answers_from_an_index_alone()
    {
        var device = await monitoring.DeviceAsync();
        var month = Today.AddDays(-100);
        await monitoring.PublishAsync(Enumerable.Range(0, 200).Select(number => MonitoringFixture.Reading(device, month.AddMinutes(10 * number), 0.1m)));
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(async db => await db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.ReadingCount) == 200),
            "the readings are stored");

        await Partitions.RunOnceAsync(default);

        Assert.True(await monitoring.ScalarAsync<bool>(
            $"select indisvalid from pg_index where indexrelid = 'hourly_consumption_{month:yyyyMM}_cover'::regclass"));
    }
}
