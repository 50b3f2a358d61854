using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace EnergyAspire.Hosting;

/// <summary>Makes the database of one service and the role that owns it. Idempotent.</summary>
internal sealed class ServiceDatabase(string database, string role, ParameterResource password)
{
    /// <summary>Creates what is missing, sets the role's password, and shuts every other role out of the database.</summary>
    /// <param name="administrator">Connection string of an account that may create roles and databases.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="DistributedApplicationException">The server refuses.</exception>
    public async Task ProvisionAsync(string administrator, CancellationToken cancel)
    {
        try
        {
            var maintenance = new NpgsqlConnectionStringBuilder(administrator);
            // Without a database the driver takes one that is called like the account.
            maintenance.Database ??= "postgres";
            await CreateDatabaseAsync(maintenance.ConnectionString, cancel);
            await ExecuteAsync(new NpgsqlConnectionStringBuilder(administrator) { Database = database }.ConnectionString, $"""
                do $$ begin
                    if not exists (select from pg_roles where rolname = '{role}') then
                        create role "{role}" login;
                    end if;
                end $$;
                alter role "{role}" login password '{(await password.GetValueAsync(cancel))!.Replace("'", "''", StringComparison.Ordinal)}';
                grant "{role}" to current_user;
                alter database "{database}" owner to "{role}";
                revoke all on database "{database}" from public;
                alter schema public owner to "{role}";
                """, cancel);
        }
        catch (NpgsqlException problem)
        {
            throw new DistributedApplicationException($"The PostgreSQL server could not be prepared for '{database}': {problem.Message}", problem);
        }
    }

    private async Task CreateDatabaseAsync(string administrator, CancellationToken cancel)
    {
        try
        {
            await ExecuteAsync(administrator, $"create database \"{database}\"", cancel);
        }
        catch (PostgresException problem) when (problem.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // An earlier start created it.
        }
    }

    /// <summary>Runs statements on a connection of their own.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancel)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
