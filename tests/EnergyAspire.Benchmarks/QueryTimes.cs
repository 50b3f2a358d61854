using System.Diagnostics;
using System.Globalization;
using EnergyAspire.Testing;

namespace EnergyAspire.Benchmarks;

/// <summary>Measures the service's response times, one request after the other.</summary>
internal static class QueryTimes
{
    private const int WarmUps = 100;
    private const int Questions = 500;

    /// <summary>Requests days and ranges of devices with a year of hours.</summary>
    public static async Task MeasureAsync(ServiceProcess service, Fleet fleet, Report report, CancellationToken cancel)
    {
        var random = new Random(2026);
        var last = DateOnly.FromDateTime(fleet.Start.UtcDateTime).AddDays(-2);
        var worst = 0.0;
        foreach (var (name, counts, days, ask) in new (string, bool, int, Func<Guid, DateOnly, DateOnly, string>)[]
        {
            ("a day", true, 1, (device, day, _) => $"daily?device_id={device}&date={day:yyyy-MM-dd}"),
            ("a week by hour", true, 7, (device, from, to) => Range(device, from, to, "hour")),
            ("31 days by hour", true, 31, (device, from, to) => Range(device, from, to, "hour")),
            ("31 days by day", true, 31, (device, from, to) => Range(device, from, to, "day")),
            ("a year by day", true, 360, (device, from, to) => Range(device, from, to, "day")),
            ("a year by month", true, 360, (device, from, to) => Range(device, from, to, "month")),
            ("a year by hour (1.2 MB)", false, 360, (device, from, to) => Range(device, from, to, "hour")),
        })
        {
            var times = new List<double>();
            for (var number = -WarmUps; number < Questions; number++)
            {
                var end = last.AddDays(days >= 360 ? 0 : -random.Next(300));
                var question = ask(fleet.Devices[random.Next(fleet.Histories)], end.AddDays(1 - days), end);
                var started = Stopwatch.GetTimestamp();
                using var answer = await service.Client.GetAsync(new Uri($"/api/monitoring/hourly/{question}", UriKind.Relative), cancel);
                answer.EnsureSuccessStatusCode();
                if (number >= 0)
                    times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            report.Add($"{name}, p50", Percentile(times, 50), "ms");
            report.Add($"{name}, p99", Percentile(times, 99), "ms");
            if (counts)
                worst = Math.Max(worst, Percentile(times, 99));
        }

        report.Add(FigureNames.QueryP99, worst, "ms");
    }

    public static double Percentile(List<double> values, int percent) =>
        values.Order().ElementAt(Math.Min(values.Count - 1, values.Count * percent / 100));

    private static string Range(Guid device, DateOnly from, DateOnly to, string granularity) => string.Create(
        CultureInfo.InvariantCulture, $"range?device_id={device}&start_date={from:yyyy-MM-dd}&end_date={to:yyyy-MM-dd}&granularity={granularity}");
}
