using Npgsql;

namespace EnergyAspire.Monitoring.Data;

/// <summary>Runs SQL that EF Core can't express.</summary>
internal static class NpgsqlExtensions
{
    // Building an index over a month of hours can take minutes.
    private static readonly int Patience = (int)TimeSpan.FromMinutes(30).TotalSeconds;

    /// <summary>Runs a statement.</summary>
    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = Patience };
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Runs a query for one value, which is never null.</summary>
    public static async Task<T> ScalarAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancel))!;
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
}
