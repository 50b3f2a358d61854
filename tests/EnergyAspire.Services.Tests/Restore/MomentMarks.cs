using Npgsql;

namespace EnergyAspire.Services.Tests.Restore;

/// <summary>
/// Writes a growing number to each database in turn, always in the same order. Databases that were copied at one moment have numbers that don't
/// grow in this order and differ by at most one.
/// </summary>
internal sealed class MomentMarks : IAsyncDisposable
{
    private readonly NpgsqlDataSource[] _databases;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private MomentMarks(NpgsqlDataSource[] databases) => _databases = databases;

    /// <summary>Starts writing.</summary>
    /// <param name="administrator">Connection string of the administrator.</param>
    public static async Task<MomentMarks> StartAsync(string administrator)
    {
        var marks = new MomentMarks(Open(administrator));
        foreach (var database in marks._databases)
            await database.ScalarAsync<object>("create table moment_marks (number bigint not null)");
        marks._running = marks.RunAsync();

        return marks;
    }

    /// <summary>Reads the last number of each database.</summary>
    /// <param name="administrator">Connection string of the administrator.</param>
    public static async Task<long[]> ReadAsync(string administrator)
    {
        await using var marks = new MomentMarks(Open(administrator));
        return await Task.WhenAll(marks._databases.Select(database => database.ScalarAsync<long>("select max(number) from moment_marks")));
    }

    /// <summary>Stops writing.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var database in _databases)
            await database.DisposeAsync();
        _stop.Dispose();
    }

    private static NpgsqlDataSource[] Open(string administrator) =>
        [.. OwnServers.DatabaseNames.Select(name => NpgsqlDataSource.Create($"{administrator};Database={name};MaxPoolSize=2"))];

    private async Task RunAsync()
    {
        try
        {
            for (var number = 1L; !_stop.IsCancellationRequested; number++)
            {
                foreach (var database in _databases)
                    await database.ScalarAsync<object>("insert into moment_marks values ($1)", number);
            }
        }
        catch (NpgsqlException)
        {
            // The server was killed.
        }
    }
}
