using EnergyAspire.Doctor.Checks;
using EnergyAspire.ServiceDefaults;
using Npgsql;

namespace EnergyAspire.Doctor.Bundle;

/// <summary>Numbers from the databases for a support bundle: no rows, and no names that people may have chosen.</summary>
internal static class DatabaseFacts
{
    // The tables of the product are in the schema public and have names of this form. Partitions belong to their table.
    private const string SelectTables = """
        select coalesce(parent.relname, own.relname)::text, count(*), sum(pg_total_relation_size(own.oid))::bigint, sum(greatest(own.reltuples, 0))::bigint
        from pg_class own
        left join pg_inherits on inhrelid = own.oid
        left join pg_class parent on parent.oid = inhparent
        where own.relnamespace = 'public'::regnamespace and own.relkind = 'r'
        group by 1 order by 1
        """;

    private const string SelectStatistics = """
        select pg_database_size(datname), numbackends, xact_commit, xact_rollback, deadlocks, temp_bytes, blks_hit, blks_read
        from pg_stat_database where datname = current_database()
        """;

    // Texts may be anything, such as a command or a connection string with a password. The others can't hold one.
    private const string SelectSettings = """
        select name, setting || coalesce(' ' || unit, ''), source from pg_settings
        where source not in ('default', 'override', 'client', 'session') and vartype in ('bool', 'integer', 'real', 'enum') and name !~ '[.]'
        order by name
        """;

    private const string SelectTexts = """
        select count(*) from pg_settings
        where source not in ('default', 'override', 'client', 'session') and (vartype = 'string' or name ~ '[.]')
        """;

    private static readonly Dictionary<string, string[]> Counts = new(StringComparer.Ordinal)
    {
        [ResourceNames.AuthDatabase] =
        [
            "select 'accounts ' || role || ' ' || state, count(*) from accounts where role in ('admin', 'client') group by role, state",
            "select 'sagas ' || state, count(*) from sagas group by state",
            "select 'signing keys', count(*) from signing_keys",
            "select 'outbox', count(*) from outbox_messages",
        ],
        [ResourceNames.UserDatabase] = ["select 'profiles', count(*) from profiles where deleted_at is null"],
        [ResourceNames.DeviceDatabase] =
        [
            "select 'devices', count(*) from devices",
            "select 'mappings', count(*) from mappings where is_assigned", "select 'outbox', count(*) from outbox_messages",
        ],
        [ResourceNames.MonitoringDatabase] =
        [
            "select 'ledger of a day, received', coalesce(sum(received), 0)::bigint from ledger where hour >= clock_timestamp() - interval '1 day'",
            "select 'ledger of a day, stored', coalesce(sum(stored), 0)::bigint from ledger where hour >= clock_timestamp() - interval '1 day'",
            "select 'ledger of a day, duplicates', coalesce(sum(duplicates), 0)::bigint from ledger where hour >= clock_timestamp() - interval '1 day'",
            "select 'quarantine ' || reason, count(*) from quarantined_readings group by reason",
            "select 'outbox', count(*) from outbox_messages",
        ],
    };

    /// <summary>Tables of the product; others are only counted, as somebody may have named them.</summary>
    private static readonly HashSet<string> Tables = new(StringComparer.Ordinal)
    {
        "__EFMigrationsHistory",
        "accounts", "alerts", "applied_retention", "audit_records", "device_replicas", "devices", "email_holds", "ended_browser_sessions",
        "hourly_consumption", "inbox_messages", "ledger", "mapping_replicas", "mappings", "meter_spans", "openid_applications", "openid_authorizations", "openid_scopes",
        "openid_tokens",
        "outbox_messages", "profiles", "quarantined_readings", "readings", "saga_steps", "sagas", "sign_in_failures", "signing_keys", "user_replicas",
    };

    /// <summary>Reads the facts of the server and of each database.</summary>
    public static async Task<object> ReadAsync(Installation installation, CancellationToken cancel)
    {
        var databases = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var database in installation.Databases)
        {
            databases[database.Name] = database.ConnectionString is { } connection
                ? await SupportBundle.TryAsync(installation, token => OfDatabaseAsync(database, connection, token), cancel)
                : new { NotRead = "No connection string." };
        }

        return new
        {
            Server = installation.Postgres is { } server ? await SupportBundle.TryAsync(installation, token => OfServerAsync(server, token), cancel) : null,
            Databases = databases,
        };
    }

    private static async Task<object?> OfServerAsync(string server, CancellationToken cancel)
    {
        await using var connection = await Sql.OpenAsync(server, cancel);
        return new
        {
            Version = connection.PostgreSqlVersion.ToString(),
            Settings = await connection.ListAsync(
                SelectSettings, row => new { Name = row.GetString(0), Value = row.GetString(1), Source = row.GetString(2) }, cancel),
            OtherSettings = await connection.ScalarAsync<long>(SelectTexts, cancel),
        };
    }

    private static async Task<object?> OfDatabaseAsync(InspectedDatabase database, string connectionString, CancellationToken cancel)
    {
        var applied = await DatabaseChecks.AppliedAsync(connectionString, cancel);
        await using var connection = await Sql.OpenAsync(connectionString, cancel);
        var tables = await connection.ListAsync(
            SelectTables, row => new { Name = row.GetString(0), Parts = row.GetInt64(1), Bytes = row.GetInt64(2), EstimatedRows = row.GetInt64(3) }, cancel);
        var counts = new List<object>();
        foreach (var count in Counts[database.Name])
            counts.AddRange(await CountAsync(connection, count, cancel));

        return new
        {
            Migrations = applied.Where(migration => database.Migrations.Contains(migration, StringComparer.Ordinal)).ToList(),
            UnknownMigrations = applied.Count(migration => !database.Migrations.Contains(migration, StringComparer.Ordinal)),
            Tables = tables.Where(table => Tables.Contains(table.Name)).ToList(),
            OtherTables = tables.Count(table => !Tables.Contains(table.Name)),
            Statistics = (await connection.ListAsync(SelectStatistics, row => new
            {
                Bytes = row.GetInt64(0),
                Connections = row.GetInt32(1),
                Commits = row.GetInt64(2),
                Rollbacks = row.GetInt64(3),
                Deadlocks = row.GetInt64(4),
                TemporaryBytes = row.GetInt64(5),
                PagesFromMemory = row.GetInt64(6),
                PagesFromDisk = row.GetInt64(7),
            }, cancel)).Single(),
            Counts = counts,
        };
    }

    private static async Task<IEnumerable<object>> CountAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        try
        {
            return await connection.ListAsync(sql, row => new { Name = row.GetString(0), Count = row.GetInt64(1) }, cancel);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return [];
        }
    }
}
