using System.Data;
using System.Globalization;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>
/// Partitions: of the raw readings one a UTC day, made before they are needed and dropped when retention ends; of the hours one a UTC month,
/// which stay.
/// </summary>
/// <remarks>
/// Partitions are attached and detached, never made in place or dropped: that would wait for every query of the table, such as a slow
/// export, and every batch of readings would wait behind it.
/// </remarks>
public sealed partial class ReadingPartitions(
    IServiceScopeFactory scopes, DatabaseReadiness<MonitoringDbContext> database, IOptions<IngestOptions> options, TimeProvider time,
    ILogger<ReadingPartitions> logger) : BackgroundService
{
    private const int DaysAhead = 3;

    // Serializes replicas that make partitions; held only until the transaction ends.
    private const string LockPartitions = "select pg_advisory_xact_lock(hashtext('reading partitions'))";

    // One replica maintains at a time; the others come back in an hour.
    private const string TryLockMaintenance = "select pg_try_advisory_lock(hashtext('reading maintenance'))";
    private const string UnlockMaintenance = "select pg_advisory_unlock(hashtext('reading maintenance'))";

    private const string SelectDays = """
        select relname, inhrelid is not null, coalesce(inhdetachpending, false)
        from pg_class left join pg_inherits on inhrelid = pg_class.oid
        where relname ~ '^readings_[0-9]{8}$' and relkind = 'r' and relnamespace = current_schema()::regnamespace
        order by relname
        """;

    private readonly HashSet<DateOnly> _known = [];
    private readonly Lock _knownLock = new();

    /// <summary>Makes sure that the partitions of these readings and of their hours exist. Must be called outside of a transaction.</summary>
    public async Task EnsureAsync(NpgsqlConnection connection, IEnumerable<DateTimeOffset> timestamps, CancellationToken cancel)
    {
        DateOnly[] missing;
        lock (_knownLock)
            missing = [.. timestamps.Select(timestamp => DateOnly.FromDateTime(timestamp.UtcDateTime)).Distinct().Where(day => !_known.Contains(day))];
        if (missing.Length == 0)
            return;

        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(LockPartitions, cancel);
        foreach (var day in missing)
            await AttachAsync(connection, "readings", NameOf(day), day, day.AddDays(1), cancel);
        // The hour of a reading may have begun on the day before.
        foreach (var month in missing.SelectMany(day => new[] { HourMonths.Of(day), HourMonths.Of(day.AddDays(-1)) }).Distinct())
            await AttachAsync(connection, "hourly_consumption", HourMonths.NameOf(month), month, month.AddMonths(1), cancel);

        await transaction.CommitAsync(cancel);
        lock (_knownLock)
            _known.UnionWith(missing);
    }

    /// <summary>Makes sure that the partitions of these hours exist, in the caller's transaction.</summary>
    internal static async Task EnsureHoursAsync(NpgsqlConnection connection, IEnumerable<DateTimeOffset> hours, CancellationToken cancel)
    {
        await connection.ExecuteAsync(LockPartitions, cancel);
        foreach (var month in hours.Select(hour => HourMonths.Of(DateOnly.FromDateTime(hour.UtcDateTime))).Distinct())
            await AttachAsync(connection, "hourly_consumption", HourMonths.NameOf(month), month, month.AddMonths(1), cancel);
    }

    /// <summary>Looks again for the partitions of these readings the next time, because the database doesn't have them after all.</summary>
    public void Forget(IEnumerable<DateTimeOffset> timestamps)
    {
        lock (_knownLock)
            _known.ExceptWith(timestamps.Select(timestamp => DateOnly.FromDateTime(timestamp.UtcDateTime)));
    }

    /// <summary>Makes the partitions of the next days, drops those that retention has passed, and covers months of hours that are over.</summary>
    /// <remarks>Does nothing while another replica is at it.</remarks>
    public async Task MaintainAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
        await db.Database.OpenConnectionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        var now = time.GetUtcNow();
        await EnsureAsync(connection, Enumerable.Range(0, DaysAhead + 1).Select(day => now.AddDays(day)), cancel);
        if (!await connection.ScalarAsync<bool>(TryLockMaintenance, cancel))
            return;

        try
        {
            await DropExpiredAsync(connection, options.Value.OldestDay(now), cancel);
            await HourMonths.CoverAsync(connection, now, cancel);
        }
        finally
        {
            // Of the session, because this can't be done in a transaction; in the pool the session would go on holding it. A broken one is gone.
            if (connection.State == ConnectionState.Open)
                await connection.ScalarAsync<bool>(UnlockMaintenance, CancellationToken.None);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        do
        {
            try
            {
                await MaintainAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, the next hour tries again and the host goes on.
                LogMaintenanceFailed(logger, failure.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static async Task AttachAsync(
        NpgsqlConnection connection, string table, string partition, DateOnly from, DateOnly to, CancellationToken cancel)
    {
        if (await connection.ScalarAsync<bool>($"select to_regclass('{partition}') is not null", cancel))
            return;

        await connection.ExecuteAsync($"""
            create table {partition} (like {table} including all) {(table == "hourly_consumption" ? HourMonths.Storage : "")};
            alter table {table} attach partition {partition} for values from ('{from:yyyy-MM-dd} 00:00:00+00') to ('{to:yyyy-MM-dd} 00:00:00+00')
            """, cancel);
    }

    private async Task DropExpiredAsync(NpgsqlConnection connection, DateOnly oldest, CancellationToken cancel)
    {
        var days = await connection.ListAsync(
            SelectDays, rows => (Name: rows.GetString(0), IsAttached: rows.GetBoolean(1), IsDetaching: rows.GetBoolean(2)), cancel);
        foreach (var (name, isAttached, isDetaching) in days.Where(day => DayOf(day.Name) < oldest))
        {
            if (isAttached)
                await connection.ExecuteAsync($"alter table readings detach partition {name} {(isDetaching ? "finalize" : "concurrently")}", cancel);
            await connection.ExecuteAsync($"drop table {name}", cancel);
            LogDropped(logger, name);
        }

        lock (_knownLock)
            _known.RemoveWhere(day => day < oldest);
    }

    internal static string NameOf(DateOnly day) => $"readings_{day:yyyyMMdd}";

    private static DateOnly? DayOf(string partition) =>
        DateOnly.TryParseExact(partition.AsSpan(partition.LastIndexOf('_') + 1), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    [LoggerMessage(221, LogLevel.Information, "Retention dropped the raw readings of {Partition}")]
    private static partial void LogDropped(ILogger logger, string partition);

    [LoggerMessage(222, LogLevel.Warning, "The partitions of the readings can't be maintained yet: {Reason}")]
    private static partial void LogMaintenanceFailed(ILogger logger, string reason);
}
