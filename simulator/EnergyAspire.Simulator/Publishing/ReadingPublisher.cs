using System.Diagnostics;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Simulator.Traffic;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Simulator.Publishing;

/// <summary>Sends readings to the queue and knows when the broker has them.</summary>
public sealed class ReadingPublisher(SimulatorSettings settings, SimulatorTelemetry telemetry, TimeProvider time)
{
    // The caller bounds what is under way, so the channel need not slow it down.
    private static readonly CreateChannelOptions WithConfirms = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null);

    private readonly string _queue = settings.Broker.Queue;

    /// <summary>Opens a channel; declares the queue, plain and durable, if nobody has declared it yet.</summary>
    public async Task<IChannel> OpenAsync(IConnection connection, CancellationToken cancel)
    {
        // Somebody may have declared it with arguments, and declaring it differently would fail; so it is looked up by name first.
        var channel = await connection.CreateChannelAsync(WithConfirms, cancel);
        try
        {
            await channel.QueueDeclarePassiveAsync(_queue, cancel);
            return channel;
        }
        catch (OperationInterruptedException failure) when (failure.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            await channel.DisposeAsync();
        }

        channel = await connection.CreateChannelAsync(WithConfirms, cancel);
        await channel.DeclareDurableQueueAsync(_queue, cancel);
        return channel;
    }

    /// <summary>Sends a message that begins a trace, and waits until the broker has confirmed it.</summary>
    /// <exception cref="PublishException">The broker refused it, or the queue is gone.</exception>
    public async Task ReportAsync(IChannel channel, Message message, CancellationToken cancel)
    {
        Activity.Current = null;
        using var activity = SimulatorTelemetry.Source.StartActivity("report reading");
        activity?.SetTag("energy.device_id", message.Readings[0].Meter.DeviceId);
        activity?.SetTag("energy.timestamp", message.Readings[0].Timestamp);
        activity?.SetTag("energy.readings", message.Readings.Count);

        // RabbitMQ.Client adds a span of the publish and its traceparent.
        await SendAsync(channel, message, traceParent: null, cancel);
    }

    /// <summary>Sends a message and waits until the broker has confirmed it.</summary>
    /// <param name="channel">Channel of <see cref="OpenAsync"/>.</param>
    /// <param name="message">Message.</param>
    /// <param name="traceParent">Trace that it is part of, when the current one isn't meant.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <exception cref="PublishException">The broker refused it, or the queue is gone.</exception>
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
