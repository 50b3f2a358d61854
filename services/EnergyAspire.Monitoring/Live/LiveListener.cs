using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using OpenTelemetry;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Receives the changes that all replicas committed, this one included, while this replica has live connections.</summary>
internal sealed class LiveListener(
    IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger<LiveListener> logger,
    LiveWatchers watchers, LiveChanges changes)
    : BrokerWorker(connections, health, time, logger)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // Limits of the queue, which is exclusive and deleted with its connection: old messages are dropped, because live updates lose their value.
    private static readonly Dictionary<string, object?> QueueArguments = new(StringComparer.Ordinal)
    {
        ["x-queue-type"] = "classic",
        ["x-max-length"] = 100,
        ["x-overflow"] = "drop-head",
        ["x-message-ttl"] = 5000,
    };

    protected override string Name => "live listener";

    protected override async Task WorkAsync(IConnection connection, CancellationToken cancel)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        await channel.DeclareLiveExchangeAsync(cancel);

        while (channel.IsOpen)
        {
            await watchers.WaitAsync(LookInterval, cancel);
            if (!watchers.IsEmpty)
                await ListenAsync(channel, cancel);
        }
    }

    private async Task ListenAsync(IChannel channel, CancellationToken cancel)
    {
        var queue = $"live.{Guid.NewGuid():N}";
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, QueueArguments, cancellationToken: cancel);
        await channel.QueueBindAsync(queue, Topology.LiveExchange, routingKey: "", cancellationToken: cancel);
        var stopped = false;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ShutdownAsync += Stop;
        consumer.UnregisteredAsync += Stop;
        consumer.ReceivedAsync += (_, message) =>
        {
            Hear(message);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, cancel);

        // Changes may have been missed before the consumer was active.
        watchers.ShowAll();
        while (!Volatile.Read(ref stopped) && !watchers.IsEmpty)
            await watchers.WaitAsync(LookInterval, cancel);

        if (channel.IsOpen)
            await channel.QueueDeleteAsync(queue, cancellationToken: cancel);

        Task Stop(object sender, AsyncEventArgs args)
        {
            Volatile.Write(ref stopped, true);
            return Task.CompletedTask;
        }
    }

    private void Hear(BasicDeliverEventArgs message)
    {
        // The queue can be reached through the default exchange too, which other accounts may write to.
        if (message.Exchange != Topology.LiveExchange)
            return;

        switch (message.BasicProperties.Type)
        {
            case LiveMessage.Readings:
                changes.Add(LiveMessage.Unpack(message.Body.Span));
                break;
            case LiveMessage.Alert when LiveMessage.ReadAlert(message.Body.Span) is { } alert:
                changes.Add(alert);
                break;
        }
    }
}
