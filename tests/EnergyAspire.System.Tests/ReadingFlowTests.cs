using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.System.Tests;

public sealed class ReadingFlowTests(SystemFixture system)
{
    [Fact]
    public async Task A_published_reading_is_in_its_owner_s_hour_within_two_seconds_and_out_of_sight_for_others()
    {
        // Older than what the simulator replays, and than the history of the pages' tests.
        var date = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-100);
        var nine = new DateTimeOffset(date, new TimeOnly(9, 0), TimeSpan.Zero);
        using var alice = await system.SignInAsync("alice", "alice123");
        using var bob = await system.SignInAsync("bob", "bob123");

        await system.PublishAsync(DevelopmentData.HeatPump, nine, 0.231m);
        await system.PublishAsync(DevelopmentData.HeatPump, nine.AddMinutes(1), 0.1m);
        await system.PublishAsync(DevelopmentData.HeatPump, nine, 0.231m);

        var path = new Uri($"/api/monitoring/hourly/daily?device_id={DevelopmentData.HeatPump}&date={date:yyyy-MM-dd}", UriKind.Relative);
        await Eventually.TrueAsync(
            async () => (await alice.GetFromJsonAsync<JsonElement>(path)).GetProperty("total_daily_consumption").GetDecimal() == 0.331m,
            "both readings are counted, the repeated one once", TimeSpan.FromSeconds(2));
        var hour = (await alice.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken)).GetProperty("hourly_data").EnumerateArray()
            .Single(hour => hour.GetProperty("start").GetDateTimeOffset() == nine);
        Assert.Equal((0.331m, 2), (hour.GetProperty("total_consumption").GetDecimal(), hour.GetProperty("measurement_count").GetInt32()));
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_simulator_fills_the_last_day_of_every_development_device()
    {
        using var admin = await system.SignInAsync("admin", "admin123");
        foreach (var device in new[] { DevelopmentData.HeatPump, DevelopmentData.Kitchen, DevelopmentData.Laundry, DevelopmentData.CarCharger })
        {
            await Eventually.TrueAsync(
                async () => await TotalOfTwoDaysAsync(admin, device) > 0, $"{device} has consumed today or yesterday", TimeSpan.FromMinutes(1));
        }

        var ledger = await admin.GetFromJsonAsync<JsonElement>(new Uri("/api/monitoring/ledger", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.All(ledger.EnumerateArray(), hour => Assert.True(hour.GetProperty("balanced").GetBoolean()));
    }

    [Fact]
    public async Task One_trace_holds_the_simulator_s_publish_monitoring_s_consume_and_the_sql() =>
        await Eventually.TrueAsync(
            async () => (await system.Dashboard.TracesOfAsync(ResourceNames.Simulator)).GroupBy(span => span.TraceId).Any(trace =>
                trace.Any(span => span.Resource == ResourceNames.Simulator && span.Name.Contains("publish", StringComparison.OrdinalIgnoreCase))
                && trace.Any(span => span.Resource == ResourceNames.Monitoring && span.Name.Contains("ingest", StringComparison.Ordinal))
                && trace.Any(span => span is { Resource: ResourceNames.Monitoring, IsDatabaseCall: true })),
            "a trace goes from the simulator to Monitoring's database", TimeSpan.FromMinutes(2));

    [Fact]
    public async Task The_trace_of_a_sign_in_goes_through_the_gateway_and_identity_to_the_database()
    {
        var traceId = Guid.NewGuid().ToString("N");

        using var client = await system.SignInAsync("bob", "bob123", traceParent: $"00-{traceId}-00f067aa0ba902b7-01");

        await Eventually.TrueAsync(async () =>
        {
            var spans = await system.Dashboard.TraceAsync(traceId);
            return spans.Any(span => span.Resource == ResourceNames.Gateway)
                && spans.Any(span => span.Resource == ResourceNames.Identity)
                && spans.Any(span => span is { Resource: ResourceNames.Identity, IsDatabaseCall: true });
        }, "the sign-in's trace is complete");
    }

    private static async Task<decimal> TotalOfTwoDaysAsync(HttpClient client, Guid device)
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var total = 0m;
        foreach (var date in new[] { today.AddDays(-1), today })
        {
            var day = await client.GetFromJsonAsync<JsonElement>(
                new Uri($"/api/monitoring/hourly/daily?device_id={device}&date={date:yyyy-MM-dd}", UriKind.Relative));
            total += day.GetProperty("total_daily_consumption").GetDecimal();
        }

        return total;
    }
}
