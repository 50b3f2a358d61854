using EnergyAspire.Contracts;
using EnergyAspire.Simulator.Expected;
using EnergyAspire.Simulator.Gateway;
using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Chaos;

/// <summary>A chaos run: a fleet reports while processes are killed; then the totals are compared with the expected ones.</summary>
internal sealed class ChaosRun(ChaosOptions options, Report report, ChaosServers servers, Replicas replicas, NpgsqlDataSource database)
{
    private const int DrainAttempts = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Much longer than a message waits for its batch to fill.
    private static readonly TimeSpan TimeToSettle = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(ChaosOptions options, Report report, CancellationToken cancel)
    {
        report.Note("starting servers and replicas");
        var folder = Directory.CreateTempSubdirectory("chaos-");
        try
        {
            await using var servers = await ChaosServers.StartAsync(cancel);
            using var issuer = new TokenIssuer();
            // Without a pool, whose connections would break whenever the server is killed.
            await using var database = NpgsqlDataSource.Create($"{servers.Database};Pooling=false");
            await using var replicas = new Replicas(servers, issuer);
            await replicas.StartAllAsync();

            await new ChaosRun(options, report, servers, replicas, database).RunAsync(folder.FullName, cancel);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task RunAsync(string folder, CancellationToken cancel)
    {
        var (devices, expect) = (Path.Combine(folder, "devices.jsonl"), Path.Combine(folder, "expected.jsonl"));
        await Fleet.AnnounceAsync(servers, database, options.Devices, devices, cancel);

        var clock = ClockChange.StartBefore(DateTimeOffset.UtcNow, options.Days);
        report.Note($"{options.Devices} devices report from {clock:u} on for {options.Days} days, for {options.Time.TotalSeconds:0} s or longer");
        using (var simulator = new SimulatorProcess(options, clock, devices, expect, servers.Broker))
        {
            using var executioner = new Executioner(report, servers, replicas, database);
            await executioner.RunAsync(KillPlan.Make(options.Seed, options.Kills, options.Time, Replicas.Count), simulator, cancel);
            await simulator.FinishAsync(Patience + options.Time, cancel);
        }

        report.Note("the fleet has finished");
        await DrainAsync(cancel);
        var expectation = Expectation.Read(expect);
        report.AddAccounts(await Accounts.ReadAsync(database, cancel), expectation.Summary ?? throw new InvalidOperationException("The simulator wrote no summary."));
        report.AddHours(expectation, await CompareAsync(expectation, cancel));
    }

    /// <summary>Waits until every message is stored and acknowledged, and stops the replicas.</summary>
    private async Task DrainAsync(CancellationToken cancel)
    {
        for (var attempt = 0; attempt < DrainAttempts; attempt++)
        {
            await Eventually.TrueAsync(() => IsEmptyAsync(cancel), "the queue is empty", Patience);
            await SettleAsync(cancel);
            // Unacknowledged messages of consumers don't count as queued. They return to the queue when the consumers stop.
            await replicas.DisposeAsync();
            if (await IsEmptyAsync(cancel))
                return;

            await replicas.StartAllAsync();
        }

        throw new InvalidOperationException("Messages come again and again: what is stored is not acknowledged.");
    }

    /// <summary>Waits until the ledger doesn't change, so that no batch is being processed.</summary>
    private async Task SettleAsync(CancellationToken cancel)
    {
        long received;
        do
        {
            received = await database.ReceivedAsync(cancel);
            await Task.Delay(TimeToSettle, cancel);
        }
        while (await database.ReceivedAsync(cancel) > received);
    }

    /// <summary>
    /// Checks by getting a message, which is returned when the channel closes. The message count of a busy quorum queue may be 0 although it has
    /// messages.
    /// </summary>
    private async Task<bool> IsEmptyAsync(CancellationToken cancel)
    {
        await using var connection = await servers.ConnectAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        return await channel.BasicGetAsync(Topology.ReadingQueue, autoAck: false, cancel) is null;
    }

    private async Task<IReadOnlyList<Difference>> CompareAsync(Expectation expectation, CancellationToken cancel)
    {
        var service = await replicas.StartAsync(0);
        using var client = GatewayClient.WithToken(service.Client.BaseAddress!, service.Client.DefaultRequestHeaders.Authorization!.Parameter!);
        return await Verification.VerifyAsync(client, expectation, within: TimeSpan.Zero, cancel);
    }
}
