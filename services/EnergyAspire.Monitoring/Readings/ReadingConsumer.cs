using System.Diagnostics;
using System.Text;
using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.Monitoring.Data;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>
/// Consumes readings in batches: a batch is committed, then acknowledged as a whole. The prefetch limit is two batches, so memory stays bounded while
/// the database is slow or unavailable.
/// </summary>
internal sealed class ReadingConsumer(
    IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger<ReadingConsumer> logger,
    ReadingIngest ingest, ReadingParser parser, DatabaseReadiness<MonitoringDbContext> database, IOptions<IngestOptions> options, int number)
    : BrokerWorker(connections, health, time, logger)
{
    private const int MostLinks = 100;

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;
    private readonly IngestOptions _options = options.Value;

    protected override string Name => $"readings consumer {number}";

    protected override Task PrepareAsync(CancellationToken cancel) => database.WaitAsync(cancel);

    protected override async Task WorkAsync(IConnection connection, CancellationToken cancel)
    {
        using var arrivals = new ArrivalBuffer(_options.BatchSize, _options.FlushAfter);
        await using var channel = await CreateUntracedChannelAsync(connection, cancel);
        await channel.DeclareDurableQueueAsync(Topology.ReadingQueue, cancel);
        await BindMqttAsync(connection, cancel);
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: (ushort)(_options.BatchSize * 2), global: false, cancel);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            // Copied, because the client reuses the body's buffer after this call.
            arrivals.Add(new Arrival(message.DeliveryTag, message.Body.ToArray(), TraceContext(message)));
            return Task.CompletedTask;
        };

        var batching = StoreBatchesAsync(channel, arrivals, stop.Token);
        var consuming = channel.ConsumeUntilStoppedAsync(Topology.ReadingQueue, consumer, stop.Token);
        await Task.WhenAny(batching, consuming);
        await stop.CancelAsync();
        await Task.WhenAll(batching, consuming);
    }

    /// <summary>Binds the queue to MQTT's exchange. A broker with the definitions of an older version refuses that; readings by AMQP don't need it.</summary>
    private async Task BindMqttAsync(IConnection connection, CancellationToken cancel)
    {
        // A separate channel, because the broker closes it when it refuses.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            await channel.QueueBindAsync(Topology.ReadingQueue, Topology.MqttExchange, Topology.MqttReadings, cancellationToken: cancel);
        }
        catch (OperationInterruptedException refusal) when (refusal.ShutdownReason?.ReplyCode == Constants.AccessRefused)
        {
            IngestLog.MqttNotBound(_logger, refusal.ShutdownReason.ReplyText);
        }
    }

    private async Task StoreBatchesAsync(IChannel channel, ArrivalBuffer arrivals, CancellationToken cancel)
    {
        var batch = new List<Arrival>(_options.BatchSize);
        while (true)
        {
            await arrivals.TakeAsync(batch, cancel);
            await StoreAsync(batch, cancel);
            await channel.BasicAckAsync(batch[^1].DeliveryTag, multiple: true, cancel);
            batch.Clear();
        }
    }

    private async Task StoreAsync(List<Arrival> batch, CancellationToken cancel)
    {
        var traced = batch.Where(arrival => arrival.Trace != default).Select(arrival => arrival.Trace).Distinct().Take(MostLinks + 1).ToList();
        using var activity = IngestMetrics.Source.StartActivity(
            $"{Topology.ReadingQueue} ingest", ActivityKind.Consumer,
            // The batch's span continues the first trace and links to the others.
            traced.FirstOrDefault(), links: traced.Skip(1).Select(trace => new ActivityLink(trace)));
        activity?.SetTag("messaging.system", "rabbitmq");
        activity?.SetTag("messaging.destination.name", Topology.ReadingQueue);
        activity?.SetTag("messaging.batch.message_count", batch.Count);

        var now = _time.GetUtcNow();
        var readings = batch
            .SelectMany(arrival => ReadingParser.Split(arrival.Body))
            .Select(body => new ArrivedReading(body, now, parser.Parse(body)));
        // A message may hold no reading, or more than the limit of one transaction.
        foreach (var part in readings.Chunk(_options.BatchSize))
            await ingest.StoreAsync(part, number, cancel);
    }

    /// <summary>
    /// Creates a channel without a span for each delivery. At tens of thousands of deliveries a second, spans would cost as much as storing the
    /// readings. Each batch has one span instead. The channel's delivery loop inherits the suppression from this call.
    /// </summary>
    private static async Task<IChannel> CreateUntracedChannelAsync(IConnection connection, CancellationToken cancel)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        return await connection.CreateChannelAsync(cancellationToken: cancel);
    }

    private static ActivityContext TraceContext(BasicDeliverEventArgs message) =>
        message.BasicProperties.Headers?.TryGetValue("traceparent", out var header) == true && header is byte[] text
        && ActivityContext.TryParse(Encoding.ASCII.GetString(text), traceState: null, isRemote: true, out var context)
            ? context
            : default;
}
