using Npgsql;

namespace EnergyAspire.Monitoring.Data;

/// <summary>Partitions of tables that are partitioned by time.</summary>
internal static class Partitions
{
    /// <summary>Takes the lock that serializes the creation of partitions by several replicas, until the transaction ends.</summary>
    public static Task LockAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync("select pg_advisory_xact_lock(hashtext('reading partitions'))", cancel);

    /// <summary>Creates a partition for a span of UTC days if it doesn't exist. Call it while the lock is held.</summary>
    /// <param name="table">Partitioned table.</param>
    /// <param name="partition">Name of the partition.</param>
    /// <param name="from">First day.</param>
    /// <param name="to">Day after the last one.</param>
    /// <param name="storage">Storage parameters of the partition in SQL; empty for the defaults.</param>
    public static async Task AttachAsync(
        NpgsqlConnection connection, string table, string partition, DateOnly from, DateOnly to, CancellationToken cancel, string storage = "")
    {
        if (await connection.ScalarAsync<bool>($"select to_regclass('{partition}') is not null", cancel))
            return;

        await connection.ExecuteAsync($"""
            create table {partition} (like {table} including all) {storage};
            alter table {table} attach partition {partition} for values from ('{from:yyyy-MM-dd} 00:00:00+00') to ('{to:yyyy-MM-dd} 00:00:00+00')
            """, cancel);
    }
}
