using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Doctor.Checks;

/// <summary>Partitions and ledger in Monitoring's database.</summary>
internal static class MonitoringChecks
{
    // Monitoring creates the partitions of today and the next three days every hour.
    private const int DaysAhead = 2;

    private const string SelectPartitions = """
        select relname::text from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent in (to_regclass('readings'), to_regclass('hourly_consumption'))
        """;

    // As in Monitoring's verification, without the comparison of the hours with the raw readings.
    private const string SelectDifferences = """
        with entries as (
            select hour, sum(received) as received, sum(stored) as stored, sum(duplicates) as duplicates, sum(quarantined) as quarantined
            from ledger group by hour
        ),
        kept as (select date_trunc('hour', received_at, 'UTC') as hour, count(*) as readings from quarantined_readings group by 1)
        select
            (select count(*) from entries where received <> stored + duplicates + quarantined),
            (select count(*) from entries full join kept using (hour) where coalesce(readings, 0) <> coalesce(quarantined, 0)),
            (select coalesce(sum(reading_count), 0)::bigint from hourly_consumption) - (select coalesce(sum(stored), 0)::bigint from entries)
        """;

    public static IEnumerable<Check> Of(Installation installation) =>
    [
        installation.CheckIn(ResourceNames.MonitoringDatabase, "partitions", PartitionsAsync),
        installation.CheckIn(ResourceNames.MonitoringDatabase, "ledger", LedgerAsync),
    ];

    private static async Task<Verdict> PartitionsAsync(string connection, CancellationToken cancel)
    {
        await using var open = await Sql.OpenAsync(connection, cancel);
        var today = DateOnly.FromDateTime(await open.ScalarAsync<DateTime>("select clock_timestamp()", cancel));
        var present = (await open.ListAsync(SelectPartitions, row => row.GetString(0), cancel)).ToHashSet(StringComparer.Ordinal);
        var days = Enumerable.Range(0, DaysAhead + 1).Select(today.AddDays).ToList();
        var missing = days.Select(day => $"readings_{day:yyyyMMdd}").Concat(days.Select(day => $"hourly_consumption_{day:yyyyMM}").Distinct())
            .Where(name => !present.Contains(name)).ToList();

        return missing.Count == 0
            ? Verdict.Ok($"The partitions of readings for today and the next {DaysAhead} days and of their months of hours exist.")
            : Verdict.Failed(
                $"Partitions are missing: {string.Join(", ", missing)}.",
                "Restart Monitoring, which creates them at its start and every hour, and read in its log why \"maintain partitions\" failed "
                + $"({Runbook.Settings}).");
    }

    private static async Task<Verdict> LedgerAsync(string connection, CancellationToken cancel)
    {
        var (entries, quarantine, stored) = (await Sql.QueryAsync(
            connection, SelectDifferences, row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancel)).Single();
        if (entries == 0 && quarantine == 0 && stored == 0)
            return Verdict.Ok("The ledger agrees with the hours and the quarantine; hours were not compared with raw readings.");

        return Verdict.Failed(
            $"The ledger differs; hours of arrival that don't add up: {entries}, that differ from the quarantine: {quarantine}, readings that the hours "
            + $"hold more than were stored: {stored}.",
            $"Verify the ledger on System, Ledger and follow the actions for the kinds of differences ({Runbook.Ledger}).");
    }
}
