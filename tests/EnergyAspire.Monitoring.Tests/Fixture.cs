using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Tests;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;

[assembly: AssemblyFixture(typeof(MonitoringFixture))]

namespace EnergyAspire.Monitoring.Tests;

/// <summary>A running monitoring service that all tests of this program share; each test uses devices of its own.</summary>
public sealed class MonitoringFixture : IAsyncLifetime
{
    private readonly TestServers _servers = new();
    private IConnection _connection = null!;
    private IChannel _channel = null!;
    private long _version;

    public ServiceHost<Program> Service { get; private set; } = null!;

    public string Database { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await _servers.InitializeAsync();
        Database = await _servers.CreateDatabaseAsync("monitoring");
        Service = StartService();
        await Service.WaitUntilReadyAsync();

        _connection = await new ConnectionFactory { Uri = new Uri(_servers.Broker) }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
    }

    public ServiceHost<Program> StartService() => new(Settings(Database, _servers.BrokerOf("monitoring")));

    /// <summary>Creates an empty database for a test that must not share one.</summary>
    public Task<string> CreateDatabaseAsync() => _servers.CreateDatabaseAsync("monitoring");

    public static Dictionary<string, string?> Settings(string database, string broker) => new(StringComparer.Ordinal)
    {
        ["ConnectionStrings:monitoring-db"] = database,
        ["ConnectionStrings:messaging"] = broker,
        ["ServiceAccount:ClientId"] = "monitoring",
        ["ServiceAccount:ClientSecret"] = "only-for-tests-0123456789",
    };

    /// <summary>Publishes as a plain AMQP client does.</summary>
    public Task PublishAsync(params IEnumerable<string> messages) => Task.WhenAll(messages.Select(message => PublishAsync(Encoding.UTF8.GetBytes(message))));

    /// <summary>Publishes readings and waits until the ledger has as many more; only where no other test publishes meanwhile.</summary>
    /// <remarks>The length of the queue would prove nothing: it leaves out what a consumer has in hand.</remarks>
    public async Task PublishAccountedAsync(string[] messages)
    {
        var before = await ReceivedAsync();
        await PublishAsync(messages);
        await Eventually.GetAsync(ReceivedAsync, received => received >= before + messages.Length, $"{messages.Length} more than {before} readings are accounted for");
    }

    public Task PublishAsync(byte[] message) => PublishAsync(Topology.ReadingQueue, message, new BasicProperties { Persistent = true });

    /// <summary>Publishes to any queue.</summary>
    public async Task PublishAsync(string queue, byte[] message, BasicProperties properties) =>
        await _channel.BasicPublishAsync("", queue, mandatory: true, properties, message);

    /// <summary>Puts a message to the dead letters as the service does that could not handle it.</summary>
    public async Task PublishDeadLetterAsync(string eventType, byte[] message, BasicProperties properties) =>
        await _channel.BasicPublishAsync(Topology.MonitoringSync.DeadLetterExchange, eventType, mandatory: true, properties, message);

    /// <summary>Empties a queue.</summary>
    public Task PurgeAsync(string queue) => _channel.QueuePurgeAsync(queue);

    public async Task AnnounceAsync<TEvent>(TEvent fact, long version)
        where TEvent : IEvent
    {
        var envelope = new EventEnvelope<TEvent>(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UtcNow, version, fact);
        await _channel.BasicPublishAsync(
            Topology.EventExchange, TEvent.EventType, mandatory: true,
            new BasicProperties { MessageId = envelope.EventId.ToString(), Persistent = true },
            JsonSerializer.SerializeToUtf8Bytes(envelope, MessageJson.Options));
    }

    /// <summary>Follows an event type as another system would.</summary>
    public Task<FollowedEvents> FollowAsync(string eventType) => FollowedEvents.StartAsync(_connection, eventType);

    /// <summary>Makes a device that the service knows.</summary>
    public Task<Guid> DeviceAsync(string zone = "UTC", params IEnumerable<Guid> owners) => DeviceAsync(zone, intervalSeconds: 600, owners);

    /// <inheritdoc cref="DeviceAsync(string, IEnumerable{Guid})" />
    public async Task<Guid> DeviceAsync(string zone, int intervalSeconds, params IEnumerable<Guid> owners)
    {
        var id = Guid.NewGuid();
        await AnnounceAsync(Device(id, zone) with { ReportingIntervalSeconds = intervalSeconds }, version: 1);
        foreach (var owner in owners)
            await AnnounceAsync(new DeviceAssigned(owner, id), ++_version);
        await Eventually.TrueAsync(
            () => QueryAsync(db => db.Devices.AnyAsync(device => device.Id == id)), "the device is known");
        foreach (var owner in owners)
        {
            await Eventually.TrueAsync(
                () => QueryAsync(db => db.Mappings.AnyAsync(mapping => mapping.DeviceId == id && mapping.UserId == owner)), "the mapping is known");
        }

        return id;
    }

    public static DeviceCreated Device(Guid id, string zone = "UTC") => new(id, $"Meter {id}", "", 2.5m, 0.32m, zone, 600);

    public static string Reading(Guid device, DateTimeOffset timestamp, decimal kilowattHours) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"timestamp": "{{timestamp.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{device}}", "measurement_value": {{kilowattHours}}}""");

    public async Task<T> QueryAsync<T>(Func<MonitoringDbContext, Task<T>> query)
    {
        await using var scope = Service.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<MonitoringDbContext>());
    }

    public async Task<JsonElement> DayAsync(Guid caller, Guid device, DateOnly date)
    {
        using var client = Service.ClientOf(caller);
        return await client.GetFromJsonAsync<JsonElement>(new Uri($"/api/monitoring/hourly/daily?device_id={device}&date={date:yyyy-MM-dd}", UriKind.Relative));
    }

    private Task<long> ReceivedAsync() => QueryAsync(db => db.Ledger.SumAsync(entry => entry.Received));

    public Task ExecuteAsync(string sql) => ScalarAsync<object?>($"{sql}; select 1");

    /// <summary>Runs a statement past the service, to see or break what it can't.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] values)
    {
        // Without a pool: a test that drops connections must not drop this one for the next call.
        await using var connection = new NpgsqlConnection($"{Database};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });

        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await Service.DisposeAsync();
        await _servers.DisposeAsync();
    }
}
