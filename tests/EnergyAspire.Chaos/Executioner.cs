using System.Diagnostics;
using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Chaos;

/// <summary>Executes a plan of kills.</summary>
internal sealed class Executioner(Report report, ChaosServers servers, Replicas replicas, NpgsqlDataSource database) : IDisposable
{
    private static readonly TimeSpan TimeToCommit = TimeSpan.FromSeconds(5);

    // Only one kill at a time may lock a table; otherwise two would block each other's batches.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Kills and restarts the planned victims, each victim independently of the others.</summary>
    public async Task RunAsync(IReadOnlyList<Kill> plan, SimulatorProcess simulator, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(plan.GroupBy(kill => kill.Victim).Select(async victim =>
        {
            foreach (var kill in victim)
            {
                if (kill.At - Stopwatch.GetElapsedTime(started) is var wait && wait > TimeSpan.Zero)
                    await Task.Delay(wait, cancel);

                await RunAsync(kill, started, simulator, cancel);
            }
        }));
    }

    public void Dispose() => _turn.Dispose();

    private async Task RunAsync(Kill kill, long started, SimulatorProcess simulator, CancellationToken cancel)
    {
        var name = kill.Victim == Victim.Monitoring ? $"{kill.Victim} {kill.Replica + 1}" : $"{kill.Victim}";
        var isInHand = kill.Held is { } table && await KillWithWorkInHandAsync(kill, table, cancel);
        if (kill.Held is null)
            await KillAsync(kill, cancel);

        var (killed, at) = (Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(started));
        var reports = !simulator.HasFinished;
        report.Note($"{at.TotalSeconds:0.0} s: killed {name}{(isInHand ? $" with work in hand ({kill.Held})" : "")}{(reports ? "" : " (the fleet had finished)")}");

        await Task.Delay(kill.Away, cancel);
        if (kill.Victim == Victim.Monitoring)
            await replicas.StartAsync(kill.Replica);
        else
            await servers.StartAgainAsync(kill.Victim, cancel);
        report.AddKill(name, at, Stopwatch.GetElapsedTime(killed), reports, isInHand);
    }

    /// <summary>
    /// Kills a replica or the database in the middle of a batch's transaction. Kills the broker after a batch is committed and before its
    /// acknowledgement arrives.
    /// </summary>
    /// <returns>Whether there was such a batch. The victim is killed in any case.</returns>
    private async Task<bool> KillWithWorkInHandAsync(Kill kill, string table, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await using var held = await HeldBatches.TryHoldAsync(
                database, table, kill.Victim == Victim.Monitoring ? Replicas.NameOf(kill.Replica) : Replicas.AnyName, cancel);
            var isInHand = held is not null && (kill.Victim != Victim.RabbitMQ || await CommitUnacknowledgedAsync(held, cancel));
            await KillAsync(kill, cancel);

            return isInHand;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Releases held batches and waits for a commit while the broker is suspended, so that it gets no acknowledgement.</summary>
    private async Task<bool> CommitUnacknowledgedAsync(HeldBatches held, CancellationToken cancel)
    {
        try
        {
            await servers.SuspendAsync(Victim.RabbitMQ, cancel);
            var before = await database.ReceivedAsync(cancel);
            await held.DisposeAsync();
            await Eventually.TrueAsync(
                async () => await database.ReceivedAsync(cancel) > before, "a batch is committed", TimeToCommit);
            return true;
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    private Task KillAsync(Kill kill, CancellationToken cancel) =>
        kill.Victim == Victim.Monitoring ? replicas.KillAsync(kill.Replica) : servers.KillAsync(kill.Victim, cancel);
}
