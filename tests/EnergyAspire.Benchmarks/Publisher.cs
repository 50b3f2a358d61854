using System.Diagnostics;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using RabbitMQ.Client;

namespace EnergyAspire.Benchmarks;

/// <summary>Publishes the fleet's readings, persistent and confirmed, as fast as the broker confirms them or at a given rate.</summary>
internal sealed class Publisher(string broker, Fleet fleet)
{
    private const int MostUnconfirmed = 2000;

    /// <summary>Publishes readings in the order of their numbers until <paramref name="end"/>, or until <paramref name="stop"/> is set.</summary>
    /// <param name="first">Number of the first reading.</param>
    /// <param name="end">Number after the last one.</param>
    /// <param name="perMessage">Readings in a message; more than one are sent as an array.</param>
    /// <param name="perSecond">Readings a second; null for as many as possible.</param>
    /// <param name="publishers">Number of connections.</param>
    /// <param name="stop">Stops early. Messages that were sent are confirmed before the method returns.</param>
    /// <returns>Number after the last one that was published.</returns>
    public async Task<long> PublishAsync(
        long first, long end, int perMessage = 1, double? perSecond = null, int publishers = 2, CancellationToken stop = default)
    {
        var (next, started) = (first, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, publishers).Select(_ => Task.Run(PublishShareAsync, CancellationToken.None)));

        return Math.Min(next, end);

        async Task PublishShareAsync()
        {
            await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(CancellationToken.None);
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null),
                CancellationToken.None);
            await channel.DeclareDurableQueueAsync(Topology.ReadingQueue, CancellationToken.None);
            var (properties, unconfirmed, buffer) = (new BasicProperties { Persistent = true }, new Queue<Task>(MostUnconfirmed), new byte[(perMessage * 160) + 2]);

            while (!stop.IsCancellationRequested)
            {
                if (perSecond is { } rate && Volatile.Read(ref next) - first > Stopwatch.GetElapsedTime(started).TotalSeconds * rate)
                {
                    await Task.Delay(1, CancellationToken.None);
                    continue;
                }

                var number = Interlocked.Add(ref next, perMessage) - perMessage;
                if (number >= end)
                    break;

                var body = Body(number, (int)Math.Min(perMessage, end - number), buffer);
                unconfirmed.Enqueue(channel.BasicPublishAsync("", Topology.ReadingQueue, mandatory: true, properties, body, CancellationToken.None).AsTask());
                if (unconfirmed.Count == MostUnconfirmed)
                    await unconfirmed.Dequeue();
            }

            await Task.WhenAll(unconfirmed);
        }
    }

    /// <summary>Returns a new array, because the client may send the body later.</summary>
    private byte[] Body(long number, int count, byte[] buffer)
    {
        if (count == 1)
            return Fleet.Json(fleet.Reading(number), buffer).ToArray();

        var length = 0;
        for (var index = 0; index < count; index++)
        {
            buffer[length++] = index == 0 ? (byte)'[' : (byte)',';
            length += Fleet.Json(fleet.Reading(number + index), buffer.AsSpan(length)).Length;
        }

        buffer[length++] = (byte)']';
        return buffer[..length];
    }
}
