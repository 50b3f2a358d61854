using System.Diagnostics;
using EnergyAspire.Messaging;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>A message that has arrived.</summary>
/// <param name="DeliveryTag">Delivery tag for the acknowledgement.</param>
/// <param name="Body">Body of the message.</param>
/// <param name="Trace">Trace context of the message.</param>
internal readonly record struct Arrival(ulong DeliveryTag, byte[] Body, ActivityContext Trace);

/// <summary>
/// Collects messages into batches. The consumer is signalled once a batch, not once a message. The flush delay of a batch counts from the arrival of
/// its first message.
/// </summary>
internal sealed class ArrivalBuffer(int batchSize, TimeSpan flushAfter) : IDisposable
{
    private const int MostBytes = 8 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<(Arrival Arrival, long At)> _waiting = new();
    private readonly Signal _some = new();
    private readonly Signal _full = new();
    private long _bytes;

    private bool IsFull => _waiting.Count >= batchSize || _bytes >= MostBytes;

    /// <summary>Adds a message; never waits.</summary>
    public void Add(Arrival arrival)
    {
        lock (_lock)
        {
            var (wasEmpty, wasFull) = (_waiting.Count == 0, IsFull);
            _waiting.Enqueue((arrival, Stopwatch.GetTimestamp()));
            _bytes += arrival.Body.Length;
            if (wasEmpty)
                _some.Set();
            if (!wasFull && IsFull)
                _full.Set();
        }
    }

    /// <summary>Takes the next batch as soon as it is full or its first message has waited long enough.</summary>
    public async Task TakeAsync(List<Arrival> batch, CancellationToken cancel)
    {
        while (ToWaitFor() is { } wait)
            await wait.Signal.WaitAsync(wait.Longest, cancel);

        lock (_lock)
        {
            var bytes = 0L;
            while (batch.Count < batchSize && bytes < MostBytes && _waiting.TryDequeue(out var next))
            {
                batch.Add(next.Arrival);
                bytes += next.Arrival.Body.Length;
            }

            _bytes -= bytes;
        }
    }

    /// <summary>Returns the signal to wait for before the next batch can be taken, and the longest wait; null when a batch is ready.</summary>
    private (Signal Signal, TimeSpan Longest)? ToWaitFor()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
                return (_some, Timeout.InfiniteTimeSpan);

            var left = flushAfter - Stopwatch.GetElapsedTime(_waiting.Peek().At);
            return IsFull || left <= TimeSpan.Zero ? null : (_full, TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)));
        }
    }

    public void Dispose()
    {
        _some.Dispose();
        _full.Dispose();
    }
}
