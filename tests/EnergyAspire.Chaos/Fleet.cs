using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.Simulator.Gateway;
using EnergyAspire.Testing;
using Npgsql;
using RabbitMQ.Client;

namespace EnergyAspire.Chaos;

/// <summary>Devices of the run.</summary>
internal static class Fleet
{
    private const int IntervalSeconds = 600;

    /// <summary>Announces devices to Monitoring by events, like the Devices service, and to the simulator by a file.</summary>
    public static async Task AnnounceAsync(ChaosServers servers, NpgsqlDataSource database, int count, string file, CancellationToken cancel)
    {
        await using var connection = await servers.ConnectAsync(cancel);
        await connection.DeclareEventTopologyAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancel);
        for (var number = 0; number < count; number++)
        {
            var zone = ClockChange.Zones[number % ClockChange.Zones.Count];
            var created = new DeviceCreated(Guid.NewGuid(), $"Meter {number}", "", MaxConsumption: 1000, Price: null, zone, IntervalSeconds);
            var envelope = new EventEnvelope<DeviceCreated>(Guid.NewGuid(), DeviceCreated.EventType, DateTimeOffset.UtcNow, Version: 1, created);
            await channel.BasicPublishAsync(
                Topology.EventExchange, DeviceCreated.EventType, mandatory: true,
                new BasicProperties { MessageId = envelope.EventId.ToString(), Persistent = true },
                JsonSerializer.SerializeToUtf8Bytes(envelope, MessageJson.Options), cancel);
            await DevicesFile.AppendAsync(file, new RegisteredDevice(created.Id, zone, IntervalSeconds), cancel);
        }

        await Eventually.GetAsync(
            () => database.ScalarAsync("select count(*) from device_replicas", cancel), known => known == count, "Monitoring knows the devices",
            TimeSpan.FromMinutes(2));
    }

    /// <summary>Runs a query for one number.</summary>
    public static async Task<long> ScalarAsync(this NpgsqlDataSource database, string sql, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }
}
