using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using OpenTelemetry;
using RabbitMQ.Client;

namespace EnergyAspire.Monitoring.Live;

/// <summary>
/// Publishes committed changes to all replicas, at most every 100 ms and without publisher confirms. While the broker is unavailable or slow, changes
/// accumulate, each device once.
/// </summary>
internal sealed class LivePublisher(
    IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger<LivePublisher> logger, LiveFeed feed)
    : BrokerWorker(connections, health, time, logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = time;

    protected override string Name => "live publisher";

    protected override async Task WorkAsync(IConnection connection, CancellationToken cancel)
    {
        // Live updates are not traced: a reading's trace ends at the commit.
        using var untraced = SuppressInstrumentationScope.Begin();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        await channel.DeclareLiveExchangeAsync(cancel);

        while (channel.IsOpen)
        {
            await feed.Waiting.WaitAsync(LookInterval, cancel);
            var batch = feed.Waiting.Take();
            if (batch.IsEmpty)
                continue;

            try
            {
                await SendAsync(channel, batch, cancel);
            }
            catch
            {
                feed.Waiting.Add(batch);
                throw;
            }

            await Task.Delay(Interval, _time, cancel);
        }
    }

    private static async Task SendAsync(IChannel channel, LiveBatch batch, CancellationToken cancel)
    {
        if (batch.Devices.Count > 0)
            await SendAsync(channel, LiveMessage.Readings, LiveMessage.Pack(batch.Devices), cancel);
        foreach (var alert in batch.Alerts)
            await SendAsync(channel, LiveMessage.Alert, LiveMessage.Write(alert), cancel);
    }

    private static async Task SendAsync(IChannel channel, string type, byte[] body, CancellationToken cancel) =>
        await channel.BasicPublishAsync(
            Topology.LiveExchange, routingKey: "", mandatory: false, new BasicProperties { Type = type, Persistent = false }, body, cancel);
}
