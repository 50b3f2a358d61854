using System.Diagnostics;
using EnergyAspire.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EnergyAspire.Benchmarks;

/// <summary>Measures how fast two consumers without work drain the queue, with the service's prefetch and acknowledgements.</summary>
internal static class BrokerCeiling
{
    private const int Consumers = 2;
    private const int BatchSize = 2000;

    /// <returns>Messages a second.</returns>
    public static async Task<double> MeasureAsync(string broker, long messages, CancellationToken cancel)
    {
        var (drained, started) = (0L, Stopwatch.GetTimestamp());
        var empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.WhenAll(Enumerable.Range(0, Consumers).Select(_ => Task.Run(DrainAsync, cancel)));

        return messages / Stopwatch.GetElapsedTime(started).TotalSeconds;

        async Task DrainAsync()
        {
            await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(cancel);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
            await channel.BasicQosAsync(0, BatchSize * 2, global: false, cancel);
            var consumer = new AsyncEventingBasicConsumer(channel);
            var unacknowledged = 0;
            consumer.ReceivedAsync += async (_, message) =>
            {
                var count = Interlocked.Increment(ref drained);
                if (++unacknowledged == BatchSize || count == messages)
                {
                    await channel.BasicAckAsync(message.DeliveryTag, multiple: true, cancel);
                    unacknowledged = 0;
                }

                if (count == messages)
                    empty.TrySetResult();
            };
            await channel.BasicConsumeAsync(Topology.ReadingQueue, autoAck: false, consumer, cancel);
            await empty.Task.WaitAsync(cancel);
            // Acknowledges the rest. Deliveries are dispatched one by one, so none is being processed now.
            await channel.BasicAckAsync(0, multiple: true, cancel);
        }
    }
}
