using System.Diagnostics;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Simulator.Traffic;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Simulator.Publishing;

/// <summary>Publishes readings to the queue with publisher confirms.</summary>
public sealed class ReadingPublisher(SimulatorSettings settings, SimulatorTelemetry telemetry, TimeProvider time)
{
    // The caller limits the unconfirmed messages, so the channel needs no own limit.
    private static readonly CreateChannelOptions WithConfirms = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null);

    private readonly string _queue = settings.Broker.Queue;

    /// <summary>Opens a channel, and declares the queue, durable and without arguments, if it doesn't exist.</summary>
    public async Task<IChannel> OpenAsync(IConnection connection, CancellationToken cancel)
    {
        // Looked up by name first: the queue may exist with arguments, and a declaration without them would fail.
        var exists = await connection.ExistsAsync(look => look.QueueDeclarePassiveAsync(_queue, cancel), cancel);
        var channel = await connection.CreateChannelAsync(WithConfirms, cancel);
        if (!exists)
            await channel.DeclareDurableQueueAsync(_queue, cancel);

        return channel;
    }

    /// <summary>Sends a message that starts a new trace, and waits for the broker's confirm.</summary>
    /// <exception cref="PublishException">The broker refused the message, or the queue doesn't exist.</exception>
    public async Task ReportAsync(IChannel channel, Message message, CancellationToken cancel)
    {
        Activity.Current = null;
        using var activity = SimulatorTelemetry.Source.StartActivity("report reading");
        activity?.SetTag("energy.device_id", message.Readings[0].Meter.DeviceId);
        activity?.SetTag("energy.timestamp", message.Readings[0].Timestamp);
        activity?.SetTag("energy.readings", message.Readings.Count);

        // RabbitMQ.Client adds the span of the publish and the header traceparent.
        await SendAsync(channel, message, traceParent: null, cancel);
    }

    /// <summary>Sends a message and waits for the broker's confirm.</summary>
    /// <param name="channel">Channel of <see cref="OpenAsync"/>.</param>
    /// <param name="message">Message.</param>
    /// <param name="traceParent">Trace context of the message; null for the current one.</param>
    /// <exception cref="PublishException">The broker refused the message, or the queue doesn't exist.</exception>
    public async Task SendAsync(IChannel channel, Message message, string? traceParent, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var properties = new BasicProperties { ContentType = "application/json", Persistent = true };
        if (traceParent is not null)
            properties.Headers = new Dictionary<string, object?> { ["traceparent"] = traceParent };

        await channel.BasicPublishAsync("", _queue, mandatory: true, properties, message.Body, cancel);
        telemetry.Confirmed(message.Readings.Count, time.GetElapsedTime(started));
    }
}
