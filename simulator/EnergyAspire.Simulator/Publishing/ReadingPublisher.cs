using System.Diagnostics;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Settings;
using OpenTelemetry;
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
        // Somebody may have declared it with arguments; so it is asked for by name first.
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

    /// <summary>Sends readings and waits until the broker has confirmed them all.</summary>
    /// <param name="channel">Channel of <see cref="OpenAsync"/>.</param>
    /// <param name="readings">Readings.</param>
    /// <param name="traced">Each reading begins a trace of its own; else all share one.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <exception cref="PublishException">The broker refused one, or the queue is gone.</exception>
    public async Task PublishAsync(IChannel channel, IReadOnlyList<MeterReading> readings, bool traced, CancellationToken cancel)
    {
        // Traces begin here.
        Activity.Current = null;

        var started = time.GetTimestamp();
        if (traced)
            await Task.WhenAll(readings.Select(reading => ReportAsync(channel, reading, cancel)));
        else
            await ReplayAsync(channel, readings, cancel);

        telemetry.Confirmed(readings.Count, time.GetElapsedTime(started));
    }

    private async Task ReportAsync(IChannel channel, MeterReading reading, CancellationToken cancel)
    {
        using var activity = SimulatorTelemetry.Source.StartActivity("report reading");
        activity?.SetTag("energy.device_id", reading.DeviceId);
        activity?.SetTag("energy.timestamp", reading.Timestamp);

        // RabbitMQ.Client adds a span of the publish and its traceparent.
        await SendAsync(channel, reading, traceParent: null, cancel);
    }

    private async Task ReplayAsync(IChannel channel, IReadOnlyList<MeterReading> readings, CancellationToken cancel)
    {
        using var activity = SimulatorTelemetry.Source.StartActivity("replay readings", ActivityKind.Producer);
        activity?.SetTag("messaging.batch.message_count", readings.Count);

        // One span for all: a span for each reading of a day would only be noise.
        using var untraced = SuppressInstrumentationScope.Begin();
        await Task.WhenAll(readings.Select(reading => SendAsync(channel, reading, activity?.Id, cancel)));
    }

    private async Task SendAsync(IChannel channel, MeterReading reading, string? traceParent, CancellationToken cancel)
    {
        var properties = new BasicProperties { ContentType = "application/json", Persistent = true };
        if (traceParent is not null)
            properties.Headers = new Dictionary<string, object?> { ["traceparent"] = traceParent };

        await channel.BasicPublishAsync("", _queue, mandatory: true, properties, reading.ToMessage(), cancel);
    }
}
