using Npgsql;

namespace EnergyAspire.Chaos;

/// <summary>Blocks batches in the middle of their transactions: locks a table until it is disposed.</summary>
internal sealed class HeldBatches : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Shorter than the service's statement timeout.
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    private readonly NpgsqlConnection _connection;

    private HeldBatches(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Locks the table and waits until a batch is blocked by the lock. Retries while a server is unavailable.</summary>
    /// <param name="database">Database, accessed with the service's role.</param>
    /// <param name="table">Table to lock.</param>
    /// <param name="application">Application name of the batch's replica, as a <c>like</c> pattern.</param>
    /// <returns>Null when no batch was blocked in time.</returns>
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
                // The database is unavailable or was just killed.
            }

            if (held is not null)
                await held.DisposeAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancel);
        }

        return null;
    }

    /// <summary>Releases the lock, so that the batches continue.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task LockAsync(string table, CancellationToken cancel)
    {
        // The transaction is never committed; closing the connection ends it.
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
