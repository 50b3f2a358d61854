using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>An inconsistency of the ledger.</summary>
/// <param name="Kind">One of <see cref="DifferenceKind"/>.</param>
/// <param name="Hour">Hour of arrival in UTC; null for a total.</param>
/// <param name="Expected">Expected count.</param>
/// <param name="Found">Actual count.</param>
internal sealed record WrongEntry(string Kind, DateTimeOffset? Hour, long Expected, long Found);

/// <summary>Compares the whole ledger with the rows that it counts.</summary>
internal static class LedgerCheck
{
    /// <summary>Returns all inconsistencies. It is one statement and so uses one snapshot: concurrent ingest has no effect on the result.</summary>
    public static Task<List<WrongEntry>> CompareAsync(MonitoringDbContext db, CancellationToken cancel) =>
        db.Database.SqlQuery<WrongEntry>($"""
            with entries as (
                select hour, sum(received)::bigint as received, sum(stored)::bigint as stored, sum(duplicates)::bigint as duplicates,
                    sum(quarantined)::bigint as quarantined
                from ledger group by hour
            ),
            kept as (
                select date_trunc('hour', received_at, 'UTC') as hour, count(*) as readings from quarantined_readings group by 1
            )
            select {DifferenceKind.Ledger} as kind, hour, stored + duplicates + quarantined as expected, received as found
            from entries where received <> stored + duplicates + quarantined
            union all
            select {DifferenceKind.Quarantine}, hour, coalesce(readings, 0), coalesce(quarantined, 0)
            from entries full join kept using (hour) where coalesce(readings, 0) <> coalesce(quarantined, 0)
            union all
            select {DifferenceKind.Stored}, null, hours.readings, ledger.readings
            from (select coalesce(sum(reading_count), 0)::bigint as readings from hourly_consumption) hours,
                (select coalesce(sum(stored), 0)::bigint as readings from entries) ledger
            where hours.readings <> ledger.readings
            order by hour, kind
            """).ToListAsync(cancel);
}
