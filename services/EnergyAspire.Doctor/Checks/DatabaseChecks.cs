using Npgsql;

namespace EnergyAspire.Doctor.Checks;

/// <summary>Each service's database: whether it can be used, rights, migrations, outbox.</summary>
internal static class DatabaseChecks
{
    private static readonly TimeSpan OldestEvent = TimeSpan.FromMinutes(2);

    private const string SelectRights = """
        select
            pg_get_userbyid(own.datdba) = current_user,
            array_remove(array[
                case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end, case when rolcreatedb then 'createdb' end,
                case when rolreplication then 'replication' end, case when rolbypassrls then 'bypassrls' end], null),
            (select count(*)::int from pg_auth_members where member = role.oid),
            array(
                select datname::text from pg_database
                where datallowconn and oid <> own.oid and has_database_privilege(current_user, oid, 'connect') order by 1),
            (select count(*)::int from aclexplode(coalesce(own.datacl, acldefault('d', own.datdba))) where grantee = 0 and privilege_type = 'CONNECT'),
            (select count(distinct grantee)::int from aclexplode(coalesce(own.datacl, acldefault('d', own.datdba))) where grantee not in (0, own.datdba)),
            (select count(*)::int from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relowner <> role.oid)
        from pg_roles role, pg_database own
        where role.rolname = current_user and own.datname = current_database()
        """;

    private const string SelectWaiting = """
        select count(*), coalesce(clock_timestamp() - min(occurred_at), interval '0') from outbox_messages
        """;

    public static IEnumerable<Check> Of(Installation installation) => installation.Databases.SelectMany(database => Of(installation, database));

    private static List<Check> Of(Installation installation, InspectedDatabase database)
    {
        if (database.ConnectionString is not { } connection)
            return [Check.WithoutSetting(database.Name, $"ConnectionStrings:{database.Name}")];

        List<Check> checks =
        [
            new(
                database.Name, cancel => ReachableAsync(database, connection, cancel),
                $"Start PostgreSQL, or correct ConnectionStrings:{database.Name} ({Runbook.Unavailable})."),
            new($"{database.Name}: rights", cancel => RightsAsync(installation, connection, cancel)),
            new($"{database.Name}: migrations", cancel => MigrationsAsync(database, connection, cancel)),
        ];
        if (database.HasOutbox)
            checks.Add(new($"{database.Name}: outbox", cancel => OutboxAsync(database, connection, cancel)));

        return checks;
    }

    private static async Task<Verdict> ReachableAsync(InspectedDatabase database, string connection, CancellationToken cancel)
    {
        try
        {
            await using var open = await Sql.OpenAsync(connection, cancel);
            var (size, isUtf8) = (await open.ListAsync(
                "select pg_database_size(current_database()), current_setting('server_encoding') = 'UTF8'", row => (row.GetInt64(0), row.GetBoolean(1)),
                cancel)).Single();

            return isUtf8
                ? Verdict.Ok($"The database of {database.Service} can be used; its size is {Sql.Size(size)}.")
                : Verdict.Failed("The database isn't encoded in UTF-8.", $"Create it anew in UTF-8 and restore its data ({Runbook.Restore}).");
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return Verdict.Failed("The database doesn't exist.", $"Start provisioning, which creates it, and read its log ({Runbook.Data}).");
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return Verdict.Failed(
                "PostgreSQL refuses the role or its password.",
                $"Set the password of ConnectionStrings:{database.Name} in provisioning too, which sets it at its start ({Runbook.Data}).");
        }
    }

    private static async Task<Verdict> RightsAsync(Installation installation, string connection, CancellationToken cancel)
    {
        var rights = (await Sql.QueryAsync(connection, SelectRights, row => new
        {
            Owns = row.GetBoolean(0),
            Attributes = row.GetFieldValue<string[]>(1),
            Memberships = row.GetInt32(2),
            Reached = row.GetFieldValue<string[]>(3),
            IsPublic = row.GetInt32(4) > 0,
            Others = row.GetInt32(5),
            ForeignTables = row.GetInt32(6),
        }, cancel)).Single();
        var services = installation.Databases.Select(database => DatabaseOf(database.ConnectionString)).OfType<string>().ToHashSet(StringComparer.Ordinal);

        var wrong = new List<string>();
        if (!rights.Owns)
            wrong.Add("the service's role doesn't own the database");
        if (rights.Attributes.Length > 0)
            wrong.Add($"the role has the attributes {string.Join(", ", rights.Attributes)}");
        if (rights.Memberships > 0)
            wrong.Add("the role is a member of other roles");
        if (rights.Reached.Where(services.Contains).ToList() is { Count: > 0 } reached)
            wrong.Add($"the role can connect to {string.Join(", ", reached)}");
        if (rights.IsPublic)
            wrong.Add("every role can connect to the database");
        if (rights.ForeignTables > 0)
            wrong.Add($"tables that belong to another role: {rights.ForeignTables}");
        if (wrong.Count > 0)
        {
            return Verdict.Failed(
                $"Rights differ from those that are intended: {string.Join("; ", wrong)}.",
                $"Restart provisioning, which sets owner and access, and revoke by hand what was granted besides ({Runbook.Rights}).");
        }

        var remaining = rights.Reached.Count(name => !services.Contains(name));
        if (rights.Others > 0 || remaining > 0)
        {
            return Verdict.Warning(
                $"Other roles with rights to the database: {rights.Others}; databases of others that its role can connect to: {remaining}.",
                $"Revoke what isn't intended, for example: revoke connect on database postgres, template1 from public ({Runbook.Rights}).");
        }

        return Verdict.Ok("The service's role owns the database, has no attributes and reaches no other database.");
    }

    private static async Task<Verdict> MigrationsAsync(InspectedDatabase database, string connection, CancellationToken cancel)
    {
        var applied = await AppliedAsync(connection, cancel);
        if (applied.Except(database.Migrations, StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
        {
            return Verdict.Failed(
                $"The database has migrations that this version doesn't know: {string.Join(", ", unknown)}.",
                $"It was used by a newer version: install that version again, or restore the backup from before the update ({Runbook.Restore}).");
        }

        return database.Migrations.Except(applied, StringComparer.Ordinal).ToList() is { Count: > 0 } pending
            ? Verdict.Failed(
                $"Migrations are not applied: {string.Join(", ", pending)}.",
                $"Start {database.Service}, which applies them, and read in its log why it can't ({Runbook.ServiceNotScraped}).")
            : Verdict.Ok($"All {applied.Count} migrations are applied.");
    }

    /// <summary>The applied migrations, oldest first.</summary>
    internal static async Task<List<string>> AppliedAsync(string connection, CancellationToken cancel)
    {
        try
        {
            return await Sql.QueryAsync(connection, """select * from "__EFMigrationsHistory" order by 1""", row => row.GetString(0), cancel);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return [];
        }
    }

    private static async Task<Verdict> OutboxAsync(InspectedDatabase database, string connection, CancellationToken cancel)
    {
        var (count, age) = (await Sql.QueryAsync(connection, SelectWaiting, row => (row.GetInt64(0), row.GetTimeSpan(1)), cancel)).Single();
        if (count == 0)
            return Verdict.Ok("All events are published.");

        var finding = $"Events of {database.Service} that are not published: {count}; the oldest has waited for {Duration(age)}.";
        return age > OldestEvent
            ? Verdict.Failed(finding, $"Look at the broker's alarms and at the log of {database.Service} ({Runbook.Outbox}).")
            : Verdict.Ok(finding);
    }

    private static string Duration(TimeSpan age) => age.TotalHours >= 48 ? $"{age.TotalDays:0} days" : age.TotalMinutes >= 120 ? $"{age.TotalHours:0} hours"
        : age.TotalSeconds >= 120 ? $"{age.TotalMinutes:0} minutes" : $"{age.TotalSeconds:0} seconds";

    private static string? DatabaseOf(string? connection)
    {
        try
        {
            return connection is null ? null : new NpgsqlConnectionStringBuilder(connection).Database;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
