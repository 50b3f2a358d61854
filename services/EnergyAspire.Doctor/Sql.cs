using Npgsql;

namespace EnergyAspire.Doctor;

/// <summary>Queries of the doctor. Its sessions can't write.</summary>
internal static class Sql
{
    /// <summary>Opens a connection of its own, without a pool, whose transactions are read-only.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancel)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, ApplicationName = "EnergyAspire doctor", CommandTimeout = 0 };
        settings.Options = $"{settings.Options} -c default_transaction_read_only=on".TrimStart();
        var connection = new NpgsqlConnection(settings.ConnectionString);
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

    /// <summary>Runs a query for rows; its parameters are by position.</summary>
    public static async Task<List<T>> ListAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var result = new List<T>();
        while (await rows.ReadAsync(cancel))
            result.Add(read(rows));

        return result;
    }

    /// <summary>Runs a query for one value, which is never null.</summary>
    public static async Task<T> ScalarAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Connects and runs a query for rows.</summary>
    public static async Task<List<T>> QueryAsync<T>(
        string connectionString, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(connectionString, cancel);
        return await connection.ListAsync(sql, read, cancel);
    }

    /// <summary>A number of bytes in words.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):0.#} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):0} MiB",
        _ => $"{bytes / 1024.0:0} KiB",
    };
}
