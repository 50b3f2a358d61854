using System.Runtime.CompilerServices;
using Npgsql;

namespace EnergyAspire.Import.Old;

/// <summary>Reads the replaced system's rows.</summary>
internal static class OldQueries
{
    // A row as JSON has no key for a column that doesn't exist.
    private const string SelectAccounts = """
        select id, username, password, role, created_at::timestamptz, coalesce((to_jsonb(users) ->> 'is_active')::boolean, true)
        from users order by created_at, id
        """;

    private const string SelectProfiles = "select id, username, coalesce(fname, ''), coalesce(lname, ''), coalesce(email, ''), phone from users order by created_at, id";

    private const string SelectDevices = """
        select id, name, description, max_consumption::numeric, price::numeric, created_at::timestamptz from devices order by created_at, id
        """;

    private const string SelectMappings = "select id, user_id, device_id, assigned_at::timestamptz from user_device_mapping order by assigned_at, id";

    /// <summary>Reads the accounts, oldest first.</summary>
    public static ValueTask<List<OldAccount>> ReadAccountsAsync(this NpgsqlDataSource auth, CancellationToken cancel) => auth.ReadAsync(
        SelectAccounts,
        rows => new OldAccount(
            rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetFieldValue<DateTimeOffset>(4), rows.GetBoolean(5)),
        cancel).ToListAsync(cancel);

    /// <summary>Reads the profiles, oldest first.</summary>
    public static ValueTask<List<OldProfile>> ReadProfilesAsync(this NpgsqlDataSource users, CancellationToken cancel) => users.ReadAsync(
        SelectProfiles,
        rows => new OldProfile(
            rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4), rows.IsDBNull(5) ? null : rows.GetString(5)),
        cancel).ToListAsync(cancel);

    /// <summary>Reads the devices, oldest first.</summary>
    public static ValueTask<List<OldDevice>> ReadDevicesAsync(this NpgsqlDataSource devices, CancellationToken cancel) => devices.ReadAsync(
        SelectDevices,
        rows => new OldDevice(
            rows.GetGuid(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetString(2), rows.GetDecimal(3), rows.GetDecimal(4),
            rows.GetFieldValue<DateTimeOffset>(5)),
        cancel).ToListAsync(cancel);

    /// <summary>Reads the mappings, oldest first.</summary>
    public static ValueTask<List<OldMapping>> ReadMappingsAsync(this NpgsqlDataSource devices, CancellationToken cancel) => devices.ReadAsync(
        SelectMappings,
        rows => new OldMapping(rows.GetGuid(0), rows.GetGuid(1), rows.GetGuid(2), rows.GetFieldValue<DateTimeOffset>(3)),
        cancel).ToListAsync(cancel);

    /// <summary>Runs a query and returns its rows one by one.</summary>
    public static async IAsyncEnumerable<T> ReadAsync<T>(
        this NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> read, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            yield return read(rows);
    }
}
