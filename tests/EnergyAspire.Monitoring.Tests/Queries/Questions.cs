using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Queries;

/// <summary>Asks the service's queries, and puts hours behind them without a meter.</summary>
public static class Questions
{
    public static string Daily(params IEnumerable<Guid> devices) => $"/api/monitoring/hourly/daily?{Ids(devices)}";

    public static string Range(string start, string end, string granularity, params IEnumerable<Guid> devices) =>
        $"/api/monitoring/hourly/range?{Ids(devices)}&start_date={start}&end_date={end}&granularity={granularity}";

    public static string Measurements(Guid device) => $"/api/monitoring/measurements?device_id={device}";

    public static async Task<HttpResponseMessage> AskAsync(
        this MonitoringFixture monitoring, string address, Guid? caller = null, string? accept = null, EntityTagHeaderValue? held = null)
    {
        using var client = monitoring.Service.ClientOf(caller ?? DevelopmentData.Admin);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.RelativeOrAbsolute));
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (held is not null)
            request.Headers.IfNoneMatch.Add(held);

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task<JsonElement> JsonOfAsync(this MonitoringFixture monitoring, string address, Guid? caller = null)
    {
        using var response = (await monitoring.AskAsync(address, caller)).EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    public static async Task<string[]> CsvOfAsync(this MonitoringFixture monitoring, string address)
    {
        using var response = (await monitoring.AskAsync(address, accept: "text/csv")).EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("\r\n", text);

        return text[..^2].Split("\r\n");
    }

    public static Task SeedHourAsync(this MonitoringFixture monitoring, Guid device, string start, long energy, int count = 1) =>
        monitoring.SeedHoursAsync([(device, DateTimeOffset.Parse(start), energy, count)]);

    public static async Task SeedHoursAsync(
        this MonitoringFixture monitoring, IReadOnlyCollection<(Guid Device, DateTimeOffset Start, long Energy, int Count)> hours)
    {
        // The month after is for a test that moves an hour.
        var months = hours.Select(hour => new DateOnly(hour.Start.UtcDateTime.Year, hour.Start.UtcDateTime.Month, 1))
            .SelectMany(month => new[] { month, month.AddMonths(1) }).Distinct();
        await monitoring.ExecuteAsync($"""
            select pg_advisory_xact_lock(hashtext('reading partitions'));
            {string.Join('\n', months.Select(month => $"""
                create table if not exists hourly_consumption_{month:yyyyMM} partition of hourly_consumption
                for values from ('{month:yyyy-MM-dd} 00:00+00') to ('{month.AddMonths(1):yyyy-MM-dd} 00:00+00') with (fillfactor = 50);
                """))}
            """);
        await monitoring.ScalarAsync<long>("""
            with seeded as (
                insert into hourly_consumption (device_id, hour_start, energy, reading_count)
                select * from unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::int[])
                returning 1
            )
            select count(*) from seeded
            """,
            hours.Select(hour => hour.Device).ToArray(), hours.Select(hour => hour.Start.ToUniversalTime()).ToArray(),
            hours.Select(hour => hour.Energy).ToArray(), hours.Select(hour => hour.Count).ToArray());
    }

    /// <summary>Makes a device that differs from the fixture's.</summary>
    public static async Task<Guid> DeviceAsync(this MonitoringFixture monitoring, string name, string zone)
    {
        var id = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(id, zone) with { Name = name }, version: 1);
        await Testing.Eventually.TrueAsync(
            () => monitoring.QueryAsync(db => db.Devices.AnyAsync(device => device.Id == id)), "the device is known");

        return id;
    }

    private static string Ids(IEnumerable<Guid> devices) => string.Join('&', devices.Select(device => $"device_id={device}"));
}
