using System.Data;
using System.Globalization;
using EnergyAspire.Data;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>
/// Creates and drops partitions. Raw readings have one for each UTC day, created in advance and dropped after retention. Hours have one for each UTC
/// month, which is never dropped.
/// </summary>
/// <remarks>
/// Partitions are created as separate tables and attached, and detached before they are dropped. <c>create table partition of</c> and <c>drop
/// table</c> need an exclusive lock on the parent table: they would wait for every running query, such as a slow export, and every batch would wait
/// behind them.
/// </remarks>
public sealed partial class ReadingPartitions(
    IServiceScopeFactory scopes, DatabaseReadiness<MonitoringDbContext> database, IOptions<IngestOptions> options, TimeProvider time,
    ILogger<ReadingPartitions> logger) : PeriodicWorker<MonitoringDbContext>(scopes, database, time, logger)
{
    private const int DaysAhead = 3;

    // Most days to drop while the last applied retention is unknown; enough after a short downtime.
    private const int DroppableDays = 2;

    // One replica at a time maintains partitions; the others retry an hour later.
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
        await Partitions.LockAsync(connection, cancel);
        foreach (var day in missing)
            await Partitions.AttachAsync(connection, "readings", NameOf(day), day, day.AddDays(1), cancel);
        // The hour of a reading may have begun on the day before, and its energy may be spread over the day after.
        await HourMonths.AttachAsync(connection, missing.SelectMany(day => new[] { day.AddDays(-1), day, day.AddDays(1) }), cancel);

        await transaction.CommitAsync(cancel);
        lock (_knownLock)
            _known.UnionWith(missing);
    }

    /// <summary>Returns the span that the partitions of raw readings cover; null when there is none.</summary>
    internal static async Task<(DateTimeOffset From, DateTimeOffset To)?> KeptDaysAsync(MonitoringDbContext db, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel);
        var ends = await ((NpgsqlConnection)db.Database.GetDbConnection()).ListAsync(SelectEnds, rows => (rows.GetString(0), rows.GetString(1)), cancel);

        return ends is [var (first, last)] && DayOf(first) is { } from && DayOf(last) is { } to ? (StartOf(from), StartOf(to.AddDays(1))) : null;
    }

    /// <summary>Removes the partitions of these readings from the cache of existing ones, because the database turned out not to have them.</summary>
    public void Forget(IEnumerable<DateTimeOffset> timestamps)
    {
        lock (_knownLock)
            _known.ExceptWith(timestamps.Select(timestamp => DateOnly.FromDateTime(timestamp.UtcDateTime)));
    }

    /// <inheritdoc />
    protected override string Name => "maintain partitions";

    /// <inheritdoc />
    protected override TimeSpan Interval => TimeSpan.FromHours(1);

    /// <summary>Creates the partitions of the next days, drops expired ones, and adds the covering index to past months of hours.</summary>
    /// <remarks>Drops and indexes nothing while another replica does.</remarks>
    protected override async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var db = services.GetRequiredService<MonitoringDbContext>();
        await db.Database.OpenConnectionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        var now = Time.GetUtcNow();
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
            // The lock belongs to the session, because the maintenance can't run in a transaction. A pooled session would keep it. A broken session
            // has already lost it.
            if (connection.State == ConnectionState.Open)
                await connection.ScalarAsync<bool>(UnlockMaintenance, CancellationToken.None);
        }
    }

    /// <summary>
    /// Returns the oldest day to keep. After the retention was shortened, the previous retention still applies until
    /// <see cref="IngestOptions.AllowShorterRetention"/> is set. While the previous retention is unknown, as after an upgrade, and more than
    /// <see cref="DroppableDays"/> days would be dropped, all days are kept until then.
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
}
