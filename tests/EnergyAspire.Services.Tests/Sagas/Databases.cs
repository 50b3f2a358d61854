using Npgsql;

namespace EnergyAspire.Services.Tests;

/// <summary>What four databases hold of one account; absent parts are null or zero.</summary>
/// <param name="Account">Identity: username, role, state.</param>
/// <param name="Profile">Users: username, role, first name.</param>
/// <param name="DeviceCopy">Devices: username and role of its copy.</param>
/// <param name="Mappings">Devices: mappings.</param>
/// <param name="MonitoringCopy">Monitoring: username and role of its copy.</param>
/// <param name="MonitoringMappings">Monitoring: mappings.</param>
public sealed record Holdings(string? Account, string? Profile, string? DeviceCopy, long Mappings, string? MonitoringCopy, long MonitoringMappings)
{
    /// <summary>Nothing is left, or has ever been.</summary>
    public static readonly Holdings None = new(null, null, null, 0, null, 0);
}

/// <summary>The databases of all services.</summary>
public sealed record Databases(NpgsqlDataSource Auth, NpgsqlDataSource Users, NpgsqlDataSource Devices, NpgsqlDataSource Monitoring)
{
    /// <summary>Reads what is held of an account.</summary>
    public async Task<Holdings> HoldingsAsync(Guid id) => new(
        await Auth.ScalarAsync<string>("select username || ' ' || role || ' ' || state from accounts where id = $1", id),
        await Users.ScalarAsync<string>("select username || ' ' || role || ' ' || coalesce(fname, '') from profiles where id = $1 and deleted_at is null", id),
        await Devices.ScalarAsync<string>("select username || ' ' || role from user_replicas where id = $1 and not is_deleted", id),
        await Devices.ScalarAsync<long>("select count(*) from mappings where user_id = $1 and is_assigned", id),
        await Monitoring.ScalarAsync<string>("select username || ' ' || role from user_replicas where id = $1 and not is_deleted", id),
        await Monitoring.ScalarAsync<long>("select count(*) from mapping_replicas where user_id = $1 and is_assigned", id));

    /// <summary>The state of the newest saga about a username, and the account it is about; null when there is none.</summary>
    public async Task<(string State, Guid Subject)?> SagaAsync(string username)
    {
        var row = await Auth.ScalarAsync<string>(
            "select state || ' ' || subject from sagas where username = $1 order by id desc limit 1", username);

        return row is null ? null : (row.Split(' ')[0], Guid.Parse(row.Split(' ')[1]));
    }
}

/// <summary>Plain SQL, and a gate in front of the sagas' table.</summary>
public static class DatabaseExtensions
{
    private const long GateLock = 424242;

    /// <summary>Reads one value.</summary>
    public static async Task<T?> ScalarAsync<T>(this NpgsqlDataSource database, string sql, params object[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });

        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>Makes the n-th write of a saga wait until <see cref="OpenGateAsync"/>.</summary>
    public static async Task AddGateAsync(this NpgsqlDataSource auth) => await auth.ScalarAsync<object>($"""
        create table gate (closes_at int not null);
        insert into gate values (0);
        create sequence saga_writes;
        create function pass_gate() returns trigger language plpgsql as $$
        begin
            if nextval('saga_writes') = (select closes_at from gate) then
                perform pg_advisory_xact_lock({GateLock});
            end if;
            return new;
        end $$;
        create trigger gate before insert or update on sagas for each row execute function pass_gate();
        """);

    /// <summary>Closes the gate for the n-th write from now; the connection returned holds it closed.</summary>
    public static async Task<NpgsqlConnection> CloseGateAsync(this NpgsqlDataSource auth, int write)
    {
        await auth.ScalarAsync<object>($"update gate set closes_at = {write}; select setval('saga_writes', 1, false)");
        var holder = await auth.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"select pg_advisory_lock({GateLock})", holder);
        await command.ExecuteNonQueryAsync();

        return holder;
    }

    /// <summary>Whether a saga's write waits at the gate.</summary>
    public static async Task<bool> IsSomebodyAtTheGateAsync(this NpgsqlDataSource auth) =>
        await auth.ScalarAsync<long>($"select count(*) from pg_locks where locktype = 'advisory' and objid = {GateLock} and not granted") > 0;

    /// <summary>Opens the gate for good; what waits at it is committed, or dies with its transaction.</summary>
    public static async Task OpenGateAsync(this NpgsqlDataSource auth, NpgsqlConnection holder, bool kill)
    {
        if (kill)
        {
            await auth.ScalarAsync<bool>($"""
                select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and objid = {GateLock} and not granted
                """);
        }

        await auth.ScalarAsync<object>("update gate set closes_at = 0");
        // Closing the session lets go of its lock, pooled or not.
        await using var command = new NpgsqlCommand("select pg_advisory_unlock_all()", holder);
        await command.ExecuteNonQueryAsync();
        await holder.DisposeAsync();
    }
}
