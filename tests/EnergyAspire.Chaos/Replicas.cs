using EnergyAspire.Testing;

namespace EnergyAspire.Chaos;

/// <summary>Replicas of Monitoring on one database and one broker.</summary>
internal sealed class Replicas(ChaosServers servers, TokenIssuer issuer) : IAsyncDisposable
{
    /// <summary>Number of replicas.</summary>
    public const int Count = 2;

    /// <summary><c>like</c> pattern of all application names.</summary>
    public const string AnyName = "monitoring %";

    private readonly ServiceProcess?[] _running = new ServiceProcess?[Count];

    /// <summary>Application name of a replica in the database.</summary>
    public static string NameOf(int number) => $"monitoring {number + 1}";

    public Task StartAllAsync() => Task.WhenAll(Enumerable.Range(0, Count).Select(StartAsync));

    /// <summary>Starts a replica and waits until it is ready, which requires that its servers are available.</summary>
    public async Task<ServiceProcess> StartAsync(int number) =>
        _running[number] = await ServiceProcess.StartAsync($"{servers.Database};Application Name={NameOf(number)}", servers.Broker, issuer);

    public async Task KillAsync(int number)
    {
        await _running[number]!.KillAsync();
        await _running[number]!.DisposeAsync();
        _running[number] = null;
    }

    /// <summary>Stops the running replicas gracefully.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var number = 0; number < Count; number++)
        {
            if (_running[number] is { } replica)
                await replica.DisposeAsync();
            _running[number] = null;
        }
    }
}
