using System.Diagnostics;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Benchmarks;

/// <summary>Measures the time from publishing a reading until the service's API returns it.</summary>
internal static class VisibleTimes
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);
    // Much shorter than the measured times, but long enough to cause little load.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Publishes readings of the probe device at intervals and polls the newest ones.</summary>
    /// <returns>Milliseconds of each reading.</returns>
    public static async Task<List<double>> MeasureAsync(ServiceProcess service, string broker, Fleet fleet, TimeSpan duration, CancellationToken cancel)
    {
        var (published, visible, started) = (new Dictionary<string, long>(StringComparer.Ordinal), new List<double>(), Stopwatch.GetTimestamp());
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        var (last, buffer) = (0L, new byte[256]);

        while (Stopwatch.GetElapsedTime(started) < duration || (published.Count > 0 && Stopwatch.GetElapsedTime(started) < duration + Patience))
        {
            if (Stopwatch.GetElapsedTime(started) < duration && Stopwatch.GetElapsedTime(last) >= Between)
            {
                var now = DateTimeOffset.UtcNow;
                var time = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
                last = Stopwatch.GetTimestamp();
                if (published.TryAdd(Key(time), last))
                {
                    var body = Fleet.Json(new Reading(fleet.Probe, time, 1), buffer).ToArray();
                    await channel.BasicPublishAsync("", Topology.ReadingQueue, mandatory: true, new BasicProperties { Persistent = true }, body, cancel);
                }
            }

            var answer = await service.Client.GetByteArrayAsync(
                new Uri($"/api/monitoring/measurements?device_id={fleet.Probe}&limit=50", UriKind.Relative), cancel);
            using var newest = JsonDocument.Parse(answer);
            foreach (var reading in newest.RootElement.EnumerateArray())
            {
                if (published.Remove(Key(reading.GetProperty("timestamp").GetDateTimeOffset()), out var since))
                    visible.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }

            await Task.Delay(Pause, cancel);
        }

        // Readings that did not become visible are counted with the time waited.
        visible.AddRange(published.Values.Select(since => Stopwatch.GetElapsedTime(since).TotalMilliseconds));
        return visible;
    }

    private static string Key(DateTimeOffset time) => time.UtcDateTime.ToString("O");
}
