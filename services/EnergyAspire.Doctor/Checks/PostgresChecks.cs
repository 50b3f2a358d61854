using System.Diagnostics;
using EnergyAspire.ServiceDefaults;
using Npgsql;

namespace EnergyAspire.Doctor.Checks;

/// <summary>The PostgreSQL server.</summary>
internal static class PostgresChecks
{
    private const string Name = "PostgreSQL";
    private const int OldestVersion = 15;

    private const string SelectConnections = """
        select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
            (select count(*)::int from pg_stat_activity where backend_type = 'client backend')
        """;

    private const string SelectDurability = """
        select name || ' is ' || setting from pg_settings
        where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off' order by name
        """;

    public static IEnumerable<Check> Of(Installation installation)
    {
        if (installation.Postgres is not { } server)
            return [Check.WithoutSetting(Name, $"ConnectionStrings:{ResourceNames.Postgres}")];

        return
        [
            new Check(
                Name, cancel => VersionAsync(server, cancel),
                $"Start PostgreSQL, or correct its address and password in the settings ({Runbook.Unavailable})."),
            new Check($"{Name}: durability", cancel => DurabilityAsync(server, cancel)),
            new Check($"{Name}: connections", cancel => ConnectionsAsync(server, cancel)),
            new Check($"{Name}: disk", cancel => DiskAsync(server, cancel)),
            new Check($"clock: {Name}", cancel => ClockAsync(server, cancel)),
        ];
    }

    private static async Task<Verdict> VersionAsync(string server, CancellationToken cancel)
    {
        await using var connection = await Sql.OpenAsync(server, cancel);
        return connection.PostgreSqlVersion.Major >= OldestVersion
            ? Verdict.Ok($"PostgreSQL {connection.PostgreSqlVersion} answers.")
            : Verdict.Warning(
                $"PostgreSQL {connection.PostgreSqlVersion} is older than version {OldestVersion}, the oldest that is tested.",
                $"Upgrade the server ({Runbook.Data}).");
    }

    private static async Task<Verdict> DurabilityAsync(string server, CancellationToken cancel) =>
        await Sql.QueryAsync(server, SelectDurability, row => row.GetString(0), cancel) is { Count: > 0 } off
            ? Verdict.Failed(
                $"A crash can lose or damage committed data: {string.Join(", ", off)}.",
                $"Turn it on in postgresql.conf and reload the server ({Runbook.Data}).")
            : Verdict.Ok("fsync, synchronous_commit and full_page_writes are on.");

    private static async Task<Verdict> ConnectionsAsync(string server, CancellationToken cancel)
    {
        var (limit, used) = (await Sql.QueryAsync(server, SelectConnections, row => (row.GetInt32(0), row.GetInt32(1)), cancel)).Single();
        var finding = $"{used} of {limit} connections are used.";
        const string Action = $"Increase max_connections, or end programs that aren't part of the system ({Runbook.Data}).";

        return used > limit * 0.95 ? Verdict.Failed(finding, Action) : used > limit * 0.8 ? Verdict.Warning(finding, Action) : Verdict.Ok(finding);
    }

    private static async Task<Verdict> DiskAsync(string server, CancellationToken cancel)
    {
        const string ByHand = "Look at the free disk space of PostgreSQL's machine, for example with df, or in the cloud's portal.";
        if (!IsLocal(new NpgsqlConnectionStringBuilder(server).Host))
            return Verdict.NotChecked("PostgreSQL runs on another machine or in another container, and has no function for its disk.", ByHand);

        await using var connection = await Sql.OpenAsync(server, cancel);
        var folder = await connection.ScalarAsync<string>("select current_setting('data_directory')", cancel);
        if (!Directory.Exists(folder))
            return Verdict.NotChecked("The folder of the data can't be seen from here.", ByHand);

        var disk = new DriveInfo(folder);
        var finding = $"{Sql.Size(disk.AvailableFreeSpace)} of {Sql.Size(disk.TotalSize)} are free on PostgreSQL's disk.";
        const string Action = $"Free disk space, or enlarge the disk, before the server stops ({Runbook.Data}).";

        return disk.AvailableFreeSpace < 1L << 30 ? Verdict.Failed(finding, Action)
            : disk.AvailableFreeSpace < disk.TotalSize / 10 ? Verdict.Warning(finding, Action)
            : Verdict.Ok(finding);
    }

    private static async Task<Verdict> ClockAsync(string server, CancellationToken cancel)
    {
        await using var connection = await Sql.OpenAsync(server, cancel);
        // The second query isn't delayed by the first use of the connection.
        await connection.ScalarAsync<DateTime>("select clock_timestamp()", cancel);
        var start = Stopwatch.GetTimestamp();
        var before = DateTimeOffset.UtcNow;
        var time = await connection.ScalarAsync<DateTime>("select clock_timestamp()", cancel);

        return ClockSkew.Of(new DateTimeOffset(time), before, Stopwatch.GetElapsedTime(start)).Judge(Name);
    }

    private static bool IsLocal(string? host) => host is "localhost" or "127.0.0.1" or "::1" || host?.StartsWith('/') == true;
}
