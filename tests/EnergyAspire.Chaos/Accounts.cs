using EnergyAspire.Simulator.Expected;
using Npgsql;

namespace EnergyAspire.Chaos;

/// <summary>Counts and sums of all readings, from Monitoring's database.</summary>
/// <param name="Received">Arrived readings. This and the parameters up to <paramref name="Quarantined"/> are from the ledger.</param>
/// <param name="Stored">Readings that were new.</param>
/// <param name="Duplicates">Readings without effect.</param>
/// <param name="Quarantined">Readings that were not accepted.</param>
/// <param name="UnbalancedHours">Hours of the ledger whose counts don't add up.</param>
/// <param name="Rows">Raw readings.</param>
/// <param name="RowEnergy">Their energy in milliwatt-hours.</param>
/// <param name="Counted">Readings that hours count.</param>
/// <param name="HourEnergy">Their energy in milliwatt-hours.</param>
/// <param name="QuarantineRows">Rows in quarantine.</param>
/// <param name="Reasons">Rows and different bodies in quarantine, by reason.</param>
internal sealed record Accounts(
    long Received, long Stored, long Duplicates, long Quarantined, long UnbalancedHours, long Rows, long RowEnergy, long Counted, long HourEnergy,
    long QuarantineRows, IReadOnlyDictionary<string, (long Rows, long Bodies)> Reasons)
{
    private const string Select = """
        select
            (select coalesce(sum(received), 0)::bigint from ledger), (select coalesce(sum(stored), 0)::bigint from ledger),
            (select coalesce(sum(duplicates), 0)::bigint from ledger), (select coalesce(sum(quarantined), 0)::bigint from ledger),
            (select count(*) from (
                select from ledger group by hour having sum(received) <> sum(stored) + sum(duplicates) + sum(quarantined)) as unbalanced),
            (select count(*) from readings), (select coalesce(sum(energy), 0)::bigint from readings),
            (select coalesce(sum(reading_count), 0)::bigint from hourly_consumption), (select coalesce(sum(energy), 0)::bigint from hourly_consumption),
            (select count(*) from quarantined_readings)
        """;

    private const string SelectReasons =
        "select reason, count(*), count(distinct (device_id, body)) from quarantined_readings group by reason";

    public static async Task<Accounts> ReadAsync(NpgsqlDataSource database, CancellationToken cancel)
    {
        var reasons = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        await using var byReason = database.CreateCommand(SelectReasons);
        await using (var rows = await byReason.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
                reasons[rows.GetString(0)] = (rows.GetInt64(1), rows.GetInt64(2));
        }

        await using var select = database.CreateCommand(Select);
        await using var row = await select.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        long Number(int column) => row.GetInt64(column);
        return new Accounts(
            Number(0), Number(1), Number(2), Number(3), Number(4), Number(5), Number(6), Number(7), Number(8), Number(9), reasons);
    }

    /// <summary>Lists inconsistencies and differences from the expected outcomes.</summary>
    /// <remarks>
    /// A reading that was sent or delivered again is a duplicate, or is quarantined again with the same bytes. So the expected counts of both are
    /// lower bounds.
    /// </remarks>
    public IEnumerable<string> Problems(ExpectedSummary sent)
    {
        (string Is, bool Holds)[] rules =
        [
            ($"received {Received} = stored {Stored} + duplicates {Duplicates} + quarantined {Quarantined}, in each hour", UnbalancedHours == 0 && Received == Stored + Duplicates + Quarantined),
            ($"stored {Stored} = {sent.Stored} that had to be", Stored == sent.Stored),
            ($"stored {Stored} = {Rows} raw readings", Stored == Rows),
            ($"stored {Stored} = {Counted} readings in hours", Stored == Counted),
            ($"{RowEnergy} mWh of raw readings = {HourEnergy} mWh of hours", RowEnergy == HourEnergy),
            ($"quarantined {Quarantined} = {QuarantineRows} rows in quarantine", Quarantined == QuarantineRows),
            ($"received {Received} >= {sent.Readings} sent", Received >= sent.Readings),
            ($"duplicates {Duplicates} >= {sent.Duplicates} sent", Duplicates >= sent.Duplicates),
            .. Reasons.Keys.Union(sent.Quarantined.Keys, StringComparer.Ordinal).Select(Rule),
        ];
        return rules.Where(rule => !rule.Holds).Select(rule => $"not so: {rule.Is}");

        (string, bool) Rule(string reason)
        {
            var (rows, bodies) = Reasons.GetValueOrDefault(reason);
            var expected = sent.Quarantined.GetValueOrDefault(reason);
            return ($"{reason} in quarantine: {bodies} different ones <= {expected} sent <= {rows} rows", bodies <= expected && expected <= rows);
        }
    }
}

/// <summary>Queries of the ledger.</summary>
internal static class LedgerQueries
{
    /// <summary>Reads how many readings have been committed so far, with any outcome.</summary>
    public static Task<long> ReceivedAsync(this NpgsqlDataSource database, CancellationToken cancel) =>
        database.ScalarAsync("select coalesce(sum(received), 0)::bigint from ledger", cancel);
}
