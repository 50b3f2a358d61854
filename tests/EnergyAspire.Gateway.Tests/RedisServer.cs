using Aspire.Hosting;
using Aspire.Hosting.Testing;
using EnergyAspire.Gateway.Tests;
using EnergyAspire.Hosting;
using EnergyAspire.Testing;

[assembly: AssemblyFixture(typeof(RedisServer))]

namespace EnergyAspire.Gateway.Tests;

/// <summary>A Redis server for the tests of replicas.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private DistributedApplication _app = null!;
    private string _connection = "";
    private int _databases;

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = ServerApplication.Create();
        builder.AddSharedCache("cache");
        _app = await builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("cache", timeout.Token);
        _connection = (await _app.GetConnectionStringAsync("cache", timeout.Token))!;
    }

    /// <summary>Connection string of a database that no other test uses.</summary>
    public string Database() => $"{_connection},defaultDatabase={Interlocked.Increment(ref _databases)}";

    /// <summary>A database like <see cref="Database"/>, and the cable to it.</summary>
    public (string Connection, Cable Cable) DatabaseByCable()
    {
        var address = _connection.Split(',')[0].Split(':');
        var cable = new Cable(address[0], int.Parse(address[1]));

        return (Database().Replace(string.Join(':', address), $"localhost:{cable.Port}", StringComparison.Ordinal), cable);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
