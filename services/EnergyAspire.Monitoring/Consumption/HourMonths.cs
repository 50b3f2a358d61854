using EnergyAspire.Monitoring.Data;
using Npgsql;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Months of hours, a partition each.</summary>
/// <remarks>
/// While a month runs, its hours are updated again and again, so only the key is indexed and pages keep room. Once it is over it gets an
/// index that holds the sums too: a year of a device, which lies on thousands of pages of the table, is then read from a few dozen.
/// </remarks>
internal static class HourMonths
{
    /// <summary>Room in the pages of a running month keeps updates off the index.</summary>
    public const string Storage = "with (fillfactor = 50)";

    // Meters catch up after a fault for some days.
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

    /// <summary>Covers the months that are over and not covered yet. Must be called outside of a transaction, by one replica at a time.</summary>
    public static async Task CoverAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        var running = NameOf(Of(DateOnly.FromDateTime((now - CatchUp).UtcDateTime)));
        var months = await connection.ListAsync(
            SelectMonths, rows => (Name: rows.GetString(0), HasCover: rows.GetBoolean(1), IsValid: rows.GetBoolean(2)), cancel);
        foreach (var (name, hasCover, _) in months.Where(month => !month.IsValid && string.CompareOrdinal(month.Name, running) < 0))
        {
            // What an interrupted attempt left.
            if (hasCover)
                await connection.ExecuteAsync($"drop index concurrently {name}_cover", cancel);
            await connection.ExecuteAsync(
                $"create index concurrently {name}_cover on {name} (device_id, hour_start) include (energy, reading_count)", cancel);
            // Without it the index alone would not do: each row would be looked up to learn whether it is visible.
            await connection.ExecuteAsync($"vacuum (analyze) {name}", cancel);
        }
    }
}
