using EnergyAspire.Import.Reporting;
using Npgsql;

namespace EnergyAspire.Import.Old;

/// <summary>Tables of the replaced system, and the check that a database has them.</summary>
internal static class OldSchema
{
    private const string SelectColumns = """
        select table_name::text, column_name::text from information_schema.columns
        join information_schema.tables using (table_schema, table_name)
        where table_schema = current_schema() and table_type = 'BASE TABLE'
        """;

    // Tables of the framework and its packages: sessions, permissions, its own administration pages, revoked tokens.
    private static readonly string[] FrameworkPrefixes = ["django_", "auth_", "authtoken_", "token_blacklist_"];

    private static readonly Table[] Auth = [new("users", ["id", "username", "password", "role", "created_at"], ["is_active"])];

    private static readonly Table[] Users = [new("users", ["id", "username", "role", "fname", "lname", "email", "phone", "created_at"])];

    private static readonly Table[] Devices =
    [
        new("users", ["id"], ["username", "role", "created_at"]),
        new("devices", ["id", "name", "description", "max_consumption", "price", "created_at"]),
        new("user_device_mapping", ["id", "user_id", "device_id", "assigned_at"]),
    ];

    // The first three are copies of what the other databases hold.
    private static readonly Table[] Monitoring =
    [
        new("users", [], ["id", "username", "role", "created_at"]),
        new("devices", [], ["id", "name", "description", "max_consumption", "created_at"]),
        new("user_device_mapping", [], ["id", "user_id", "device_id", "assigned_at"]),
        new("device_measurements", ["id", "device_id", "timestamp", "measurement_value", "created_at"]),
        new("hourly_energy_consumption", ["id", "device_id", "date", "hour", "total_consumption", "measurement_count"], ["created_at", "updated_at"]),
    ];

    /// <summary>Checks all four databases, and reports data that the import doesn't know.</summary>
    /// <exception cref="ImportException">A table or a column is missing.</exception>
    public static async Task CheckAsync(ImportDatabases databases, ImportReport report, CancellationToken cancel)
    {
        await CheckAsync(databases.OldAuth, "old-auth-db", Auth, report, cancel);
        await CheckAsync(databases.OldUsers, "old-user-db", Users, report, cancel);
        await CheckAsync(databases.OldDevices, "old-device-db", Devices, report, cancel);
        await CheckAsync(databases.OldMonitoring, "old-monitoring-db", Monitoring, report, cancel);
    }

    private static async Task CheckAsync(NpgsqlDataSource database, string name, Table[] tables, ImportReport report, CancellationToken cancel)
    {
        var columns = new HashSet<(string Table, string Column)>();
        await foreach (var column in database.ReadAsync(SelectColumns, rows => (rows.GetString(0), rows.GetString(1)), cancel))
            columns.Add(column);

        foreach (var table in tables)
        {
            if (table.Needed.FirstOrDefault(column => !columns.Contains((table.Name, column))) is { } missing)
                throw new ImportException($"ConnectionStrings:{name} isn't that database of the replaced system: {table.Name}.{missing} is missing.");

            foreach (var (_, column) in columns.Where(column =>
                column.Table == table.Name && !table.Needed.Contains(column.Column) && !table.Known.Contains(column.Column)))
            {
                if (await HoldsAsync(database, $"""select exists (select from "{table.Name}" where {Quoted(column)} is not null)""", cancel))
                    report.KeptOut("column", null, $"{name}: {table.Name}.{column} is unknown to the import.");
            }
        }

        foreach (var table in columns.Select(column => column.Table).Distinct(StringComparer.Ordinal)
            .Where(table => !Array.Exists(tables, known => known.Name == table))
            .Where(table => !Array.Exists(FrameworkPrefixes, prefix => table.StartsWith(prefix, StringComparison.Ordinal))))
        {
            if (await HoldsAsync(database, $"select exists (select from {Quoted(table)})", cancel))
                report.KeptOut("table", null, $"{name}: {table} is unknown to the import.");
        }
    }

    private static async Task<bool> HoldsAsync(NpgsqlDataSource database, string sql, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A table.</summary>
    /// <param name="Name">Name of the table.</param>
    /// <param name="Needed">Columns that must exist.</param>
    /// <param name="Others">Columns that may exist.</param>
    private sealed record Table(string Name, string[] Needed, string[]? Others = null)
    {
        public string[] Known => Others ?? [];
    }
}
