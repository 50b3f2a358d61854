using Npgsql;

namespace EnergyAspire.AppHost;

/// <summary>Makes one service's database and the role that owns it; again and again with the same result.</summary>
internal sealed class ServiceDatabase(string database, string role, ParameterResource password)
{
    /// <summary>Gives the database, which exists, to its role and to nobody else.</summary>
    public async Task ProvisionAsync(string administrator, CancellationToken cancel)
    {
        var secret = (await password.GetValueAsync(cancel))!.Replace("'", "''", StringComparison.Ordinal);
        await ExecuteAsync(administrator, $"""
            do $$ begin
                if not exists (select from pg_roles where rolname = '{role}') then
                    create role "{role}" login;
                end if;
            end $$;
            alter role "{role}" login password '{secret}';
            grant "{role}" to current_user;
            alter database "{database}" owner to "{role}";
            revoke all on database "{database}" from public;
            alter schema public owner to "{role}";
            """, cancel);
    }

    /// <summary>The same on a server of someone else's, where the database may have to be made first.</summary>
    public async Task ProvisionExistingServerAsync(string administrator, CancellationToken cancel)
    {
        try
        {
            var maintenance = new NpgsqlConnectionStringBuilder(administrator);
            // Without a database the driver takes one that is called like the account.
            maintenance.Database ??= "postgres";
            await CreateAsync(maintenance.ConnectionString, cancel);
            await ProvisionAsync(new NpgsqlConnectionStringBuilder(administrator) { Database = database }.ConnectionString, cancel);
        }
        catch (NpgsqlException problem)
        {
            throw new DistributedApplicationException(
                $"the PostgreSQL server of ConnectionStrings:postgres could not be prepared for '{database}': {problem.Message}", problem);
        }
    }

    /// <summary>Keeps the services' roles out of the databases that come with the server.</summary>
    public static async Task CloseMaintenanceDatabasesAsync(PostgresServerResource server, CancellationToken cancel)
    {
        var administrator = await server.ConnectionStringExpression.GetValueAsync(cancel);
        await ExecuteAsync($"{administrator};Database=postgres", "revoke connect on database postgres, template1 from public", cancel);
    }

    private async Task CreateAsync(string administrator, CancellationToken cancel)
    {
        try
        {
            await ExecuteAsync(administrator, $"create database \"{database}\"", cancel);
        }
        catch (PostgresException problem) when (problem.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // Made by an earlier start.
        }
    }

    private static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancel)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
