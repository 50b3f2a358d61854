using System.Collections.Concurrent;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EnergyAspire.Monitoring.Tests;

/// <summary>A queue of its own for one type of event.</summary>
public sealed class FollowedEvents : IAsyncDisposable
{
    private readonly ConcurrentQueue<JsonElement> _data = new();
    private readonly IChannel _channel;

    private FollowedEvents(IChannel channel) => _channel = channel;

    public static async Task<FollowedEvents> StartAsync(IConnection connection, string eventType)
    {
        var channel = await connection.CreateChannelAsync();
        var events = new FollowedEvents(channel);
        var queue = await channel.QueueDeclareAsync(
            "", durable: false, exclusive: true, autoDelete: true, new Dictionary<string, object?> { ["x-queue-type"] = "classic" });
        await channel.QueueBindAsync(queue.QueueName, Topology.EventExchange, eventType);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            events._data.Enqueue(JsonDocument.Parse(message.Body.ToArray()).RootElement.GetProperty("data"));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);

        return events;
    }

    /// <summary>Waits for the only event that fits, and a moment longer for a second one that should not come.</summary>
    public async Task<JsonElement> TakeAsync(Func<JsonElement, bool> fits)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_data.Any(fits)), "the event has come");
        await Task.Delay(TimeSpan.FromMilliseconds(500));

        return Assert.Single(_data, data => fits(data));
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();
}
