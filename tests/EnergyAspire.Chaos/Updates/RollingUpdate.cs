using System.Diagnostics;
using System.Globalization;
using EnergyAspire.Testing;

namespace EnergyAspire.Chaos.Updates;

/// <summary>
/// Replaces all replicas of an installation under load, one after another, as a container platform does it for an update or a restart. First one replica
/// of each service is replaced, so that for a time both versions work on the same databases and queues; then the other ones.
/// </summary>
internal static class RollingUpdate
{
    private const int ShownFailures = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    /// <summary>Runs the update, and writes what requests met.</summary>
    /// <param name="previous">Folder of the built checkout whose services run at first.</param>
    /// <param name="together">How long both versions work together after the first half of the update.</param>
    /// <returns>Whether no request failed and every reading was stored once.</returns>
    public static async Task<bool> RunAsync(string previous, TimeSpan together, TextWriter output, CancellationToken cancel)
    {
        Note("starting servers and replicas");
        await using var installation = await Installation.StartAsync(previous, cancel);
        using var load = new Load(installation);
        await load.PrepareAsync(cancel);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = load.RunAsync(stop.Token);
        for (var replica = 0; replica < Installation.Replicas; replica++)
        {
            foreach (var service in Installation.Services)
            {
                var (start, end) = await installation.ReplaceAsync(service, replica, Repository.Folder);
                Note($"replaced replica {replica + 1} of {service}: the new one was ready after {start.TotalSeconds:0} s, the old one ended after {end.TotalSeconds:0} s; failed requests so far: {load.Results.Sum(results => results.Failures.Count)}");
            }

            await Task.WhenAny(running, Task.Delay(together, cancel));
        }

        await stop.CancelAsync();
        await running;

        var (stored, counted) = await SettledReadingsAsync(installation, load.Published, cancel);
        output.WriteLine($"readings: {load.Published} published, {stored} stored, {counted} counted in hours");
        foreach (var (name, times, failures) in load.Results)
        {
            var sorted = times.Order().ToList();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {sorted.Count} requests, {failures.Count} failed, p50 {At(sorted, 50):0} ms, p99 {At(sorted, 99):0} ms, longest {sorted[^1]:0} ms"));
            foreach (var failure in failures.Take(ShownFailures))
                output.WriteLine($"  {failure.ReplaceLineEndings(" ")}");
        }

        return stored == load.Published && counted == load.Published && load.Results.All(results => results.Failures.IsEmpty);

        void Note(string text) => output.WriteLine($"{DateTime.UtcNow:HH:mm:ss}  {text}");
    }

    /// <summary>Waits for a time until every reading is stored, and returns what is.</summary>
    private static async Task<(long Stored, long Counted)> SettledReadingsAsync(Installation installation, long published, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var readings = await installation.ReadingsAsync(cancel);
            if (readings.Stored >= published || Stopwatch.GetElapsedTime(started) > Settling)
                return readings;

            await Task.Delay(Pause, cancel);
        }
    }

    private static double At(List<double> sorted, int percent) => sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
}
