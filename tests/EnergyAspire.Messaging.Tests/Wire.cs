using System.Text;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Messaging.Tests;

/// <summary>A plain AMQP client that looks at the broker from outside.</summary>
public sealed class Wire : IAsyncDisposable
{
    private readonly IConnection _connection;

    private Wire(IConnection connection) => _connection = connection;

    /// <summary>Connects and clears the event queues of what earlier tests left.</summary>
    public static async Task<Wire> OpenAsync(TestServers servers)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in Topology.EventQueues)
        {
            await connection.DeclareEventTopologyAsync(queue, default);
            await channel.QueuePurgeAsync(queue.Name);
            await channel.QueuePurgeAsync(queue.DeadLetterQueue);
        }

        return new Wire(connection);
    }

    /// <summary>Publishes an event as another service would, and returns its id.</summary>
    public async Task<Guid> PublishAsync(string username, Guid? eventId = null)
    {
        var id = eventId ?? Guid.NewGuid();
        var envelope = new EventEnvelope<UserCreated>(
            id, UserCreated.EventType, DateTimeOffset.UtcNow, 1, new UserCreated(Guid.NewGuid(), username, "client"));
        await PublishAsync(UserCreated.EventType, id.ToString(), JsonSerializer.Serialize(envelope, MessageJson.Options));

        return id;
    }

    /// <summary>Publishes any bytes.</summary>
    public async Task PublishAsync(string routingKey, string? messageId, string body)
    {
        await using var channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync(
            Topology.EventExchange, routingKey, mandatory: true, new BasicProperties { MessageId = messageId }, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Sends a message that was taken on its way again as it is.</summary>
    public async Task MoveAsync(BasicGetResult message, string exchange, string routingKey)
    {
        await using var channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync(exchange, routingKey, mandatory: true, new BasicProperties(message.BasicProperties), message.Body);
    }

    /// <summary>Takes the next message of a queue; null when it is empty.</summary>
    public async Task<BasicGetResult?> TakeAsync(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync();
        return await channel.BasicGetAsync(queue, autoAck: true);
    }

    /// <summary>Waits for the next message of a queue.</summary>
    public async Task<BasicGetResult> WaitForAsync(string queue) =>
        (await Eventually.GetAsync(() => TakeAsync(queue), message => message is not null, $"{queue} has a message"))!;

    /// <summary>Takes as many messages of a queue as come, in order, until the number is reached.</summary>
    public async Task<List<BasicGetResult>> TakeAsync(string queue, int count)
    {
        await using var channel = await _connection.CreateChannelAsync();
        var taken = new List<BasicGetResult>();
        await Eventually.TrueAsync(async () =>
        {
            while (await channel.BasicGetAsync(queue, autoAck: true) is { } message)
                taken.Add(message);
            return taken.Count >= count;
        }, $"{queue} brings {count} messages");

        return taken;
    }

    /// <summary>Messages that wait in a queue, and its consumers; null when there is no such queue.</summary>
    public async Task<QueueDeclareOk?> LookAsync(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync();
        try
        {
            return await channel.QueueDeclarePassiveAsync(queue);
        }
        catch (OperationInterruptedException)
        {
            return null;
        }
    }

    /// <summary>Deletes a queue with all it holds.</summary>
    public async Task DeleteQueueAsync(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(queue);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}

/// <summary>Reads headers as text.</summary>
public static class HeaderExtensions
{
    public static string? Header(this BasicGetResult message, string name) =>
        message.BasicProperties.Headers?.TryGetValue(name, out var value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    public static string Text(this BasicGetResult message) => Encoding.UTF8.GetString(message.Body.Span);
}
