using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;

namespace EnergyAspire.Benchmarks;

/// <summary>
/// Measures the service while many overviews are refreshed. Each belongs to an account of its own with a few devices, and is refreshed as often as the
/// web app does it without live updates.
/// </summary>
/// <remarks>
/// An overview that is opened requests three days: today, yesterday, and the same day a week ago. The two past days could come from a cache. A second
/// run requests today only, like an overview whose past days are always in the cache. The difference is the most that a cache could save.
/// </remarks>
internal static class DashboardTimes
{
    private const int Dashboards = 200;
    private const int DevicesEach = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly int[] AllDays = [0, 1, 7];
    private static readonly int[] TodayOnly = [0];

    /// <summary>Runs both kinds of refresh in turn, each for the given time.</summary>
    public static async Task MeasureAsync(
        ServiceProcess service, ProductDatabase database, Fleet fleet, TimeSpan duration, Report report, CancellationToken cancel)
    {
        var random = new Random(2026);
        var dashboards = Enumerable.Range(0, Dashboards).Select(number => new Dashboard(
            Guid.CreateVersion7(), $"dashboard-{number}",
            [.. Enumerable.Range(0, DevicesEach).Select(_ => fleet.Devices[random.Next(fleet.Histories)]).Distinct()])).ToList();
        await AddAccountsAsync(database, dashboards, cancel);
        var postgres = ProcessTimes.ParentOf(await database.ScalarAsync<int>("select pg_backend_pid()", cancel));

        // Compiles the code of the service first.
        await RefreshAllAsync(service, fleet, dashboards, AllDays, TimeSpan.FromSeconds(2), cancel);

        foreach (var (name, daysBack) in new[] { ($"{Dashboards} overviews", AllDays), ($"{Dashboards} overviews, today only", TodayOnly) })
        {
            var (started, serviceBefore, postgresBefore) = (Stopwatch.GetTimestamp(), service.ProcessorTime, ProcessTimes.OfFamily(postgres));
            var times = await RefreshAllAsync(service, fleet, dashboards, daysBack, duration, cancel);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

            report.Add($"{name}, requests", times.Count / seconds, "/s");
            report.Add($"{name}, p50", QueryTimes.Percentile(times, 50), "ms");
            report.Add($"{name}, p99", QueryTimes.Percentile(times, 99), "ms");
            report.Add($"{name}, service", (service.ProcessorTime - serviceBefore).TotalSeconds / seconds * 100, "% of a core");
            report.Add($"{name}, PostgreSQL", (ProcessTimes.OfFamily(postgres) - postgresBefore).TotalSeconds / seconds * 100, "% of a core");
        }
    }

    private static async Task<List<double>> RefreshAllAsync(
        ServiceProcess service, Fleet fleet, List<Dashboard> dashboards, int[] daysBack, TimeSpan duration, CancellationToken cancel)
    {
        var (started, today) = (Stopwatch.GetTimestamp(), DateOnly.FromDateTime(fleet.Start.UtcDateTime).AddDays(-2));
        var times = await Task.WhenAll(dashboards.Select(async (dashboard, number) =>
        {
            using var client = new HttpClient { BaseAddress = service.Client.BaseAddress };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer", TestTokens.ForAccount(dashboard.Account, dashboard.Username, Roles.Client));
            var measured = new List<double>();

            // They are opened one after another, not all at once.
            for (var next = Interval * number / dashboards.Count; next < duration; next += Interval)
            {
                if (next - Stopwatch.GetElapsedTime(started) is var wait && wait > TimeSpan.Zero)
                    await Task.Delay(wait, cancel);
                measured.AddRange(await Task.WhenAll(daysBack.Select(back => AskAsync(client, dashboard, today.AddDays(-back), cancel))));
            }

            return measured;
        }));

        return [.. times.SelectMany(measured => measured)];
    }

    private static async Task<double> AskAsync(HttpClient client, Dashboard dashboard, DateOnly day, CancellationToken cancel)
    {
        var devices = string.Join('&', dashboard.Devices.Select(device => $"device_id={device}"));
        var started = Stopwatch.GetTimestamp();
        using var answer = await client.GetAsync(
            new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/monitoring/hourly/range?{devices}&start_date={day:yyyy-MM-dd}&end_date={day:yyyy-MM-dd}&granularity=hour"), UriKind.Relative),
            cancel);
        answer.EnsureSuccessStatusCode();

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task AddAccountsAsync(ProductDatabase database, List<Dashboard> dashboards, CancellationToken cancel)
    {
        await using var users = database.Source.CreateCommand("""
            insert into user_replicas (id, username, role, token_generation, version, is_deleted)
            select id, username, 'client', 1, 1, false from unnest($1::uuid[], $2::text[]) as account (id, username)
            """);
        users.Parameters.Add(new() { Value = dashboards.Select(dashboard => dashboard.Account).ToArray() });
        users.Parameters.Add(new() { Value = dashboards.Select(dashboard => dashboard.Username).ToArray() });
        await users.ExecuteNonQueryAsync(cancel);

        var pairs = dashboards.SelectMany(dashboard => dashboard.Devices.Select(device => (dashboard.Account, Device: device))).ToList();
        await using var mappings = database.Source.CreateCommand("""
            insert into mapping_replicas (user_id, device_id, version, is_assigned)
            select account, device, 1, true from unnest($1::uuid[], $2::uuid[]) as mapping (account, device)
            """);
        mappings.Parameters.Add(new() { Value = pairs.ConvertAll(pair => pair.Account).ToArray() });
        mappings.Parameters.Add(new() { Value = pairs.ConvertAll(pair => pair.Device).ToArray() });
        await mappings.ExecuteNonQueryAsync(cancel);
    }

    private sealed record Dashboard(Guid Account, string Username, IReadOnlyList<Guid> Devices);
}
