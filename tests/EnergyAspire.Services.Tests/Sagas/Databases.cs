using Npgsql;

namespace EnergyAspire.Services.Tests;

/// <summary>What four databases hold of one account; absent parts are null or zero.</summary>
/// <param name="Account">Identity: username, role, state.</param>
/// <param name="Profile">Users: username, role, first name.</param>
/// <param name="DeviceReplica">Devices: username and role of its replica.</param>
/// <param name="Mappings">Devices: mappings.</param>
/// <param name="MonitoringReplica">Monitoring: username and role of its replica.</param>
/// <param name="MonitoringMappings">Monitoring: mappings.</param>
public sealed record Holdings(string? Account, string? Profile, string? DeviceReplica, long Mappings, string? MonitoringReplica, long MonitoringMappings)
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

/// <summary>Plain SQL.</summary>
public static class DatabaseExtensions
{
    /// <summary>Reads one value.</summary>
    public static async Task<T?> ScalarAsync<T>(this NpgsqlDataSource database, string sql, params object[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });

        return await command.ExecuteScalarAsync() is T value ? value : default;
    }
}
