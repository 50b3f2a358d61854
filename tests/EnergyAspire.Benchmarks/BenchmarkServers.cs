using Aspire.Hosting;
using Aspire.Hosting.Testing;
using EnergyAspire.Hosting;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Benchmarks;

/// <summary>The product's servers with the product's settings, on free ports and with temporary data.</summary>
internal sealed class BenchmarkServers(DistributedApplication application, string database, string administrator, string broker) : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    /// <summary>Connection string of the service's database with the service's role.</summary>
    public string Database { get; } = database;

    /// <summary>Connection string of the database server with its administrator.</summary>
    public string Administrator { get; } = administrator;

    /// <summary>AMQP connection string.</summary>
    public string Broker { get; } = broker;

    public static async Task<BenchmarkServers> StartAsync(CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(StartTimeout);
        var builder = ServerApplication.Create("--DurableWrites=true");
        var postgres = builder.AddDatabaseServer(ResourceNames.Postgres, port: 5433);
        postgres.AddServiceDatabase(ResourceNames.MonitoringDatabase, "monitoring_db", role: "monitoring_service");
        builder.AddBroker(ResourceNames.Messaging, port: 5673, managementPort: 15673);

        var application = await builder.BuildAsync(timeout.Token);
        await application.StartAsync(timeout.Token);
        foreach (var resource in new[] { ResourceNames.MonitoringDatabase, ResourceNames.Messaging })
            await application.ResourceNotifications.WaitForResourceHealthyAsync(resource, timeout.Token);

        return new BenchmarkServers(
            application,
            (await application.GetConnectionStringAsync(ResourceNames.MonitoringDatabase, timeout.Token))!,
            (await application.GetConnectionStringAsync(ResourceNames.Postgres, timeout.Token))!,
            (await application.GetConnectionStringAsync(ResourceNames.Messaging, timeout.Token))!);
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
