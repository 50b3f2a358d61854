using EnergyAspire.Monitoring.Data;
using Npgsql;

namespace EnergyAspire.Monitoring.Hours;

/// <summary>Monthly partitions of the table of hours.</summary>
/// <remarks>
/// Hours of the current month are updated often, so only the key is indexed and pages keep free space. A past month gets a covering index that
/// includes the sums. A year of a device is then read from a few dozen index pages instead of thousands of table pages.
/// </remarks>
internal static class HourMonths
{
    /// <summary>Free space in the pages of the current month allows heap-only updates, which don't touch the index.</summary>
    private const string Storage = "with (fillfactor = 50)";

    // After a fault meters may send the readings of several days.
    private static readonly TimeSpan CatchUp = TimeSpan.FromDays(3);

    private const string SelectMonths = """
        select month.relname, cover.indexrelid is not null, coalesce(cover.indisvalid, false)
        from pg_inherits
        join pg_class month on month.oid = inhrelid
        left join pg_index cover on cover.indrelid = month.oid and cover.indexrelid = to_regclass(month.relname || '_cover')
        where inhparent = 'hourly_consumption'::regclass
        order by month.relname
        """;

    /// <summary>Returns the first day of a day's month.</summary>
    public static DateOnly Of(DateOnly day) => new(day.Year, day.Month, 1);

    /// <summary>Returns the name of a month's partition.</summary>
    public static string NameOf(DateOnly month) => $"hourly_consumption_{month:yyyyMM}";

    /// <summary>Makes sure that the partitions of these hours exist, in the caller's transaction.</summary>
    public static async Task EnsureAsync(NpgsqlConnection connection, IEnumerable<DateTimeOffset> hours, CancellationToken cancel)
    {
        var days = hours.Select(hour => Of(DateOnly.FromDateTime(hour.UtcDateTime))).Distinct().ToArray();
        // Nearly always they exist, and nobody has to wait for the lock.
        var missing = await connection.ListAsync(
            "select day from unnest($1::date[], $2::text[]) as month (day, name) where to_regclass(name) is null", rows => rows.GetFieldValue<DateOnly>(0), cancel,
            days, Array.ConvertAll(days, NameOf));
        if (missing.Count == 0)
            return;

        await Partitions.LockAsync(connection, cancel);
        await AttachAsync(connection, missing, cancel);
    }

    /// <summary>Creates the missing partitions of the months of these days. Call it while the lock of <see cref="Partitions"/> is held.</summary>
    public static async Task AttachAsync(NpgsqlConnection connection, IEnumerable<DateOnly> days, CancellationToken cancel)
    {
        foreach (var month in days.Select(Of).Distinct())
            await Partitions.AttachAsync(connection, "hourly_consumption", NameOf(month), month, month.AddMonths(1), cancel, Storage);
    }

    /// <summary>Adds the covering index to past months that lack it. Must be called outside of a transaction, by one replica at a time.</summary>
    public static async Task CoverAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        var running = NameOf(Of(DateOnly.FromDateTime((now - CatchUp).UtcDateTime)));
        var months = await connection.ListAsync(
            SelectMonths, rows => (Name: rows.GetString(0), HasCover: rows.GetBoolean(1), IsValid: rows.GetBoolean(2)), cancel);
        foreach (var (name, hasCover, _) in months.Where(month => !month.IsValid && string.CompareOrdinal(month.Name, running) < 0))
        {
            // An interrupted attempt left an invalid index.
            if (hasCover)
                await connection.ExecuteAsync($"drop index concurrently {name}_cover", cancel);
            await connection.ExecuteAsync(
                $"create index concurrently {name}_cover on {name} (device_id, hour_start) include (energy, reading_count)", cancel);
            // Sets the visibility map. Without it an index-only scan would look up each row in the table.
            await connection.ExecuteAsync($"vacuum (analyze) {name}", cancel);
        }
    }
}
