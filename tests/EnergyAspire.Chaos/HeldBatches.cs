using Npgsql;

namespace EnergyAspire.Chaos;

/// <summary>Batches that wait in the middle of their transactions, because this keeps them from writing to a table until it is disposed.</summary>
internal sealed class HeldBatches : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Shorter than the time after which a service gives a statement up.
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    private readonly NpgsqlConnection _connection;

    private HeldBatches(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Waits until a batch is in hand, also while a server is away.</summary>
    /// <param name="database">Database, by the role of the service.</param>
    /// <param name="table">Table that batches are kept from.</param>
    /// <param name="application">Name that the batch's replica gives itself, as a pattern of <c>like</c>.</param>
    /// <param name="cancel">Set when the run is given up.</param>
    /// <returns>Null when there was none in time.</returns>
    public static async Task<HeldBatches?> TryHoldAsync(NpgsqlDataSource database, string table, string application, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!patience.IsCancellationRequested)
        {
            HeldBatches? held = null;
            try
            {
                held = new HeldBatches(await database.OpenConnectionAsync(cancel));
                await held.LockAsync(table, cancel);
                if (await IsAnyWaitingAsync(database, application, cancel))
                    return held;
            }
            catch (NpgsqlException)
            {
                // The database is away, or was killed meanwhile.
            }

            if (held is not null)
                await held.DisposeAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancel);
        }

        return null;
    }

    /// <summary>Lets the batches go on. When the server is gone there is nothing to let go.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task LockAsync(string table, CancellationToken cancel)
    {
        // The transaction ends with the connection.
        await using var hold = new NpgsqlCommand($"begin; lock table {table} in share mode", _connection);
        await hold.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<bool> IsAnyWaitingAsync(NpgsqlDataSource database, string application, CancellationToken cancel)
    {
        using var longest = new CancellationTokenSource(LongestHold);
        while (!longest.IsCancellationRequested)
        {
            if (await database.ScalarAsync(
                $"select count(*) from pg_stat_activity where application_name like '{application}' and wait_event_type = 'Lock'", cancel) > 0)
                return true;

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancel);
        }

        return false;
    }
}
