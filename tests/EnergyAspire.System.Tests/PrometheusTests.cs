using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.System.Tests;

/// <summary>Dashboards and alert rules ask for metrics that the running system has.</summary>
public sealed partial class PrometheusTests(SystemFixture system)
{
    private static readonly string Deploy = Path.Combine(Repository.Folder, "deploy");
    private static readonly string RulesFile = Path.Combine(Deploy, "prometheus", "alerts.yml");
    private static readonly string[] Services =
        [ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring, ResourceNames.Gateway];

    /// <summary>Parts of expressions without data in a healthy system: faults, refusals, and connections that nobody has opened.</summary>
    private static readonly string[] RightlyEmpty =
    [
        "http_response_status_code=~\"5..\"",
        "aspnetcore_rate_limiting_result=~\"global_limiter|endpoint_limiter\"",
        "error_type!=",
        "energy_dead_letters_total",
        "energy_events_refused_total",
        "energy_live_devices_total",
        "energy_live_alerts_total",
        "db_client_operation_failed_total",
        "db_client_connection_npgsql_pending_requests",
    ];

    private static readonly TimeSpan DataDeadline = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rules", "alerts.yml")]
    [InlineData("config", "prometheus.yml")]
    public async Task Promtool_accepts_the_files(string kind, string file)
    {
        var (exitCode, output) = await Prometheus.CheckAsync(kind, Path.Combine(Deploy, "prometheus", file));

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Every_panel_and_every_alert_rule_is_valid_and_has_data()
    {
        await using var prometheus = await Prometheus.StartAsync(
            RulesFile, Services.ToDictionary(name => name, system.MetricsOf).Append(new("rabbitmq", system.MetricsOf(ResourceNames.Messaging))).ToDictionary());
        await ProduceAsync();

        var panels = Panels().ToList();
        var rules = await prometheus.RulesAsync();
        var selectors = rules.SelectMany(rule => Selectors(rule.GetProperty("query").GetString()!)).ToList();
        Assert.True(panels.Count > 40, $"only {panels.Count} queries of panels were found");
        Assert.True(selectors.Count > rules.Count, $"only {selectors.Count} selectors of {rules.Count} rules were found");

        var questions = panels.Concat(selectors).Distinct(StringComparer.Ordinal).ToList();
        foreach (var question in questions.Concat(rules.Select(rule => rule.GetProperty("query").GetString()!)))
            Assert.Null((await prometheus.QueryAsync(question)).Error is { } error ? $"{question}: {error}" : null);

        // Some metrics are measured every ten seconds, and a rate needs two scrapes.
        questions.RemoveAll(IsRightlyEmpty);
        for (var waited = Stopwatch.StartNew(); questions.Count > 0 && waited.Elapsed < DataDeadline; await Task.Delay(500, Cancel))
        {
            foreach (var question in questions.ToList())
            {
                if ((await prometheus.QueryAsync(question)).Series > 0)
                    questions.Remove(question);
            }
        }

        Assert.True(questions.Count == 0, $"no data for\n{string.Join('\n', questions)}");
        Assert.All(await prometheus.RulesAsync(), rule => Assert.Equal("ok", rule.GetProperty("health").GetString()));
    }

    /// <summary>Makes the system do once what the panels show.</summary>
    private async Task ProduceAsync()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        using var anybody = new HttpClient { BaseAddress = system.Gateway, DefaultRequestHeaders = { { "X-CSRF", "1" } } };
        var mark = Guid.NewGuid().ToString("N")[..8];

        using (var failed = await PostAsync(anybody, "/api/auth/login", new { username = $"nobody-{mark}", password = "wrong" }))
            Assert.Equal(HttpStatusCode.Unauthorized, failed.StatusCode);
        using (var session = await PostAsync(anybody, "/session", new { username = "alice", password = "alice123" }))
            session.EnsureSuccessStatusCode();
        // A saga that is undone, because the machine is busy, is measured too.
        using var registered = await PostAsync(
            anybody, "/api/auth/register", new { username = $"metered-{mark}", password = "correct horse battery", email = $"{mark}@example.com" });

        using var created = await PostAsync(admin, "/api/devices", new { name = $"Metered {mark}", max_consumption = 1.0, time_zone = "Europe/Berlin" });
        created.EnsureSuccessStatusCode();
        var device = (await created.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("device").GetProperty("id").GetGuid();

        // Over the limit, the same again, and one that isn't accepted.
        var hour = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(-3);
        await system.PublishAsync(device, hour, 5);
        await system.PublishAsync(device, hour, 5);
        await system.PublishAsync(device, hour.AddMinutes(10), -1);
        await Eventually.TrueAsync(
            async () => (await ListAsync(admin, $"/api/monitoring/alerts?device_id={device}")).Count > 0
                && (await ListAsync(admin, $"/api/monitoring/quarantine?device_id={device}&reason=negative")).Count > 0,
            "the readings have arrived");

        using (var retried = await PostAsync(admin, "/api/monitoring/quarantine/replay", new { device_id = device }))
            retried.EnsureSuccessStatusCode();
        var day = hour.ToString("yyyy-MM-dd");
        await admin.GetStringAsync(new Uri($"/api/monitoring/ledger?verify=true&start_date={day}&end_date={day}", UriKind.Relative), Cancel);

        // Other tests look at the lists.
        using (var discarded = await PostAsync(admin, "/api/monitoring/quarantine/discard", new { device_id = device }))
            discarded.EnsureSuccessStatusCode();
        using var deleted = await admin.DeleteAsync(new Uri($"/api/devices/{device}", UriKind.Relative), Cancel);
        deleted.EnsureSuccessStatusCode();
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, object body) =>
        client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, Cancel);

    private static async Task<List<JsonElement>> ListAsync(HttpClient client, string path) =>
        (await client.GetFromJsonAsync<List<JsonElement>>(new Uri(path, UriKind.Relative), Cancel))!;

    private static bool IsRightlyEmpty(string expression) => RightlyEmpty.Any(part => expression.Contains(part, StringComparison.Ordinal));

    /// <summary>The queries of all panels, with Grafana's variables replaced.</summary>
    private static IEnumerable<string> Panels() =>
        from file in Directory.GetFiles(Path.Combine(Deploy, "grafana", "dashboards"), "*.json")
        from panel in JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("panels").EnumerateArray()
        from target in panel.GetProperty("targets").EnumerateArray()
        select target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "1m", StringComparison.Ordinal);

    /// <summary>The selectors of metrics in an expression. Rules compare, so that the whole expression has no result while all is well.</summary>
    private static IEnumerable<string> Selectors(string expression) =>
        Selector().Matches(Grouping().Replace(expression, "")).Select(match => match.Value).Where(name => name is not ("or" or "and" or "unless" or "offset"));

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right) ?\([^)]*\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Grouping();

    // A name that isn't a function's.
    [GeneratedRegex(@"\b(?>[a-z_]+)(?! *\()(\{[^}]*\})?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Selector();
}
