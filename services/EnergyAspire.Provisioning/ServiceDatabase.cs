using Npgsql;

namespace EnergyAspire.Provisioning;

/// <summary>Creates the database of one service and the role that owns it. Idempotent.</summary>
/// <param name="Name">Name of the database.</param>
/// <param name="Role">Name of the role.</param>
/// <param name="Password">Password that the role gets.</param>
public sealed record ServiceDatabase(string Name, string Role, string Password)
{
    /// <summary>
    /// Creates what is missing, sets the role's password, and revokes access to the database from every other role. The role can't access other
    /// databases.
    /// </summary>
    /// <param name="administrator">Connection string of an account that may create roles and databases.</param>
    /// <exception cref="NpgsqlException">The server refuses or is unavailable, or the database has an encoding other than UTF-8.</exception>
    public async Task ProvisionAsync(string administrator, CancellationToken cancel)
    {
        var maintenance = new NpgsqlConnectionStringBuilder(administrator);
        // Without a database the driver would use the one with the account's name.
        maintenance.Database ??= "postgres";
        await CreateDatabaseAsync(maintenance.ConnectionString, cancel);
        await ExecuteAsync(new NpgsqlConnectionStringBuilder(administrator) { Database = Name }.ConnectionString, $"""
            do $$ begin
                if current_setting('server_encoding') <> 'UTF8' then
                    raise exception 'The database {Name} is encoded in %. Only UTF8 can be used.', current_setting('server_encoding');
                end if;
                if not exists (select from pg_roles where rolname = '{Role}') then
                    create role "{Role}" login;
                end if;
            end $$;
            alter role "{Role}" login password '{Password.Replace("'", "''", StringComparison.Ordinal)}';
            grant "{Role}" to current_user;
            alter database "{Name}" owner to "{Role}";
            revoke all on database "{Name}" from public;
            alter schema public owner to "{Role}";
            """, cancel);
    }

    /// <summary>Runs statements on a connection of their own.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(connectionString, cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    // A new database uses UTF-8 whatever the server's default encoding is, because ICU collations need it.
    private async Task CreateDatabaseAsync(string administrator, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(administrator, cancel);
        await using var search = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = Name } } };
        if (await search.ExecuteScalarAsync(cancel) is not null)
            return;

        try
        {
            await using var create = new NpgsqlCommand($"create database \"{Name}\" encoding 'UTF8' template template0", connection);
            await create.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException problem) when (problem.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // Another process created it meanwhile.
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
