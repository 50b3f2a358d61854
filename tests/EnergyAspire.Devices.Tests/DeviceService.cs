using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

[assembly: AssemblyFixture(typeof(TestServers))]

// The queues' names are fixed, so tests on one broker take turns.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace EnergyAspire.Devices.Tests;

/// <summary>Starts the service on the test servers.</summary>
internal static class DeviceService
{
    /// <summary>Creates a database with all tables and nothing in them.</summary>
    public static Task<string> CreateDatabaseAsync(TestServers servers) =>
        servers.CreateMigratedDatabaseAsync<DeviceDbContext>("device_db", options => new DeviceDbContext(options));

    /// <summary>Starts a replica of the service and waits until it is ready.</summary>
    public static async Task<ServiceHost<Program>> StartAsync(
        TestServers servers, string database, string environment = "Development", Dictionary<string, string?>? settings = null)
    {
        var host = Create(servers, database, environment, settings);
        await host.WaitUntilReadyAsync();

        return host;
    }

    /// <summary>A replica that starts with the first request.</summary>
    public static ServiceHost<Program> Create(
        TestServers servers, string database, string environment = "Development", Dictionary<string, string?>? settings = null) => new(
        new Dictionary<string, string?>(settings ?? [])
        {
            [$"ConnectionStrings:{ResourceNames.DeviceDatabase}"] = database,
            [$"ConnectionStrings:{ResourceNames.Messaging}"] = servers.BrokerOf(ResourceNames.Devices),
            ["ServiceAccount:ClientId"] = ResourceNames.Devices,
            ["ServiceAccount:ClientSecret"] = "a secret of the tests",
        },
        environment);

    /// <summary>Does something with the service's database.</summary>
    public static async Task<T> WithAsync<T>(this ServiceHost<Program> host, Func<DeviceDbContext, Task<T>> work)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<DeviceDbContext>());
    }

    /// <summary>Waits until every event that was committed is at the broker.</summary>
    public static Task WaitUntilAllIsSentAsync(this ServiceHost<Program> host) => Eventually.TrueAsync(
        () => host.WithAsync(async db => !await db.Database.SqlQuery<int>($"select 1 as \"Value\" from outbox_messages").AnyAsync()),
        "the outbox is empty");

    /// <summary>Opens a plain AMQP channel, with the event queues declared and emptied.</summary>
    public static async Task<IChannel> OpenChannelAsync(TestServers servers)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await connection.DeclareEventTopologyAsync(default);
        foreach (var queue in Topology.EventQueues)
            await channel.QueuePurgeAsync(queue.Name);

        return channel;
    }
}
