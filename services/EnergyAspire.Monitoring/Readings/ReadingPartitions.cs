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

    // How many days may be dropped although it isn't known which retention they were kept by: as many as a short standstill leaves.
    private const int DroppableDays = 2;

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

    private const string SelectEnds = """
        select min(relname::text), max(relname::text) from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'readings'::regclass having count(*) > 0
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

    /// <summary>Returns when the days of raw readings begin and end that there are partitions of; null when there is none.</summary>
    internal static async Task<(DateTimeOffset From, DateTimeOffset To)?> KeptDaysAsync(MonitoringDbContext db, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel);
        var ends = await ((NpgsqlConnection)db.Database.GetDbConnection()).ListAsync(SelectEnds, rows => (rows.GetString(0), rows.GetString(1)), cancel);

        return ends is [var (first, last)] && DayOf(first) is { } from && DayOf(last) is { } to ? (StartOf(from), StartOf(to.AddDays(1))) : null;
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
            await DropExpiredAsync(connection, await OldestToKeepAsync(db, connection, now, cancel), cancel);
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

    /// <summary>
    /// Returns the oldest day that may not be dropped. When the retention was made shorter that is still the day by the longer one, until
    /// the settings say that the days between them may go. When it isn't known what the retention was, as after an upgrade, all days stay
    /// until then if more than a few would go.
    /// </summary>
    private async Task<DateOnly> OldestToKeepAsync(
        MonitoringDbContext db, NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        var (wanted, applied) = (options.Value.Retention, await db.AppliedRetention.SingleOrDefaultAsync(cancel));
        var oldest = options.Value.OldestDay(now);
        if (applied?.Retention > wanted && !options.Value.AllowShorterRetention)
        {
            var oldestBefore = IngestOptions.OldestDay(now, applied.Retention);
            var endangered = (await DaysAsync(connection, cancel)).Count(day => DayOf(day.Name) >= oldestBefore && DayOf(day.Name) < oldest);
            if (endangered > 0)
            {
                LogShorterRetention(logger, wanted, applied.Retention, endangered);
                return oldestBefore;
            }
        }

        if (applied is null && !options.Value.AllowShorterRetention)
        {
            var endangered = (await DaysAsync(connection, cancel)).Count(day => DayOf(day.Name) < oldest);
            if (endangered > DroppableDays)
            {
                LogUnknownRetention(logger, wanted, endangered);
                return DateOnly.MinValue;
            }
        }

        if (applied is null)
            db.Add(new AppliedRetention { Id = AppliedRetention.OnlyId, Retention = wanted });
        else
            applied.Retention = wanted;
        await db.SaveChangesAsync(cancel);

        return oldest;
    }

    private static Task<List<(string Name, bool IsAttached, bool IsDetaching)>> DaysAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ListAsync(SelectDays, rows => (rows.GetString(0), rows.GetBoolean(1), rows.GetBoolean(2)), cancel);

    private async Task DropExpiredAsync(NpgsqlConnection connection, DateOnly oldest, CancellationToken cancel)
    {
        foreach (var (name, isAttached, isDetaching) in (await DaysAsync(connection, cancel)).Where(day => DayOf(day.Name) < oldest))
        {
            if (isAttached)
                await connection.ExecuteAsync($"alter table readings detach partition {name} {(isDetaching ? "finalize" : "concurrently")}", cancel);
            await connection.ExecuteAsync($"drop table {name}", cancel);
            LogDropped(logger, name);
        }

        lock (_knownLock)
            _known.RemoveWhere(day => day < oldest);
    }

    private static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    internal static string NameOf(DateOnly day) => $"readings_{day:yyyyMMdd}";

    private static DateOnly? DayOf(string partition) =>
        DateOnly.TryParseExact(partition.AsSpan(partition.LastIndexOf('_') + 1), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    [LoggerMessage(221, LogLevel.Information, "Retention dropped the raw readings of {Partition}")]
    private static partial void LogDropped(ILogger logger, string partition);

    [LoggerMessage(
        223, LogLevel.Error,
        "Ingest:Retention is {Wanted} and was {Before}: raw readings of {Days} days would be dropped. They are kept until Ingest:AllowShorterRetention is true")]
    private static partial void LogShorterRetention(ILogger logger, TimeSpan wanted, TimeSpan before, int days);

    [LoggerMessage(
        224, LogLevel.Error,
        "Ingest:Retention is {Wanted}, what it was before isn't known: raw readings of {Days} days would be dropped. They are kept until Ingest:AllowShorterRetention is true")]
    private static partial void LogUnknownRetention(ILogger logger, TimeSpan wanted, int days);

    [LoggerMessage(222, LogLevel.Warning, "The partitions of the readings can't be maintained yet: {Reason}")]
    private static partial void LogMaintenanceFailed(ILogger logger, string reason);
}
