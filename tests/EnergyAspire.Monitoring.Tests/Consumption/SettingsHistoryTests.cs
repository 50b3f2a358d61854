using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Live;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Consumption;

/// <summary>The past is judged by what was valid then: limit, price, interval, and whether the device existed at all.</summary>
public sealed class SettingsHistoryTests(MonitoringFixture monitoring)
{
    private static readonly DateOnly Date = DateOnly.FromDateTime(DateTime.UtcNow.AddDays(-3));
    private static readonly DateTimeOffset Midnight = SiteClock.Day(Date, TimeZoneInfo.Utc).Start;

    // Between two hours, within one, and back to no price.
    private static readonly DeviceSettings[] History =
    [
        new(null, 2m, 0.10m, 3600), new(Midnight.AddHours(6), 2m, 0.25m, 1800), new(Midnight.AddHours(12).AddMinutes(20), 5m, 0.40m, 600), new(Midnight.AddHours(18), 5m, null, 600),
    ];

    [Fact]
    public async Task Each_hour_costs_the_price_that_was_valid_at_its_start()
    {
        var device = await DeviceAsync(History);

        var day = await monitoring.JsonOfAsync(Daily(device));
        var range = await monitoring.JsonOfAsync(Questions.Range($"{Date:yyyy-MM-dd}", $"{Date:yyyy-MM-dd}", "month", device));

        var hours = day.GetProperty("hourly_data").EnumerateArray().Select(hour => CostOf(hour, "cost")).ToArray();
        Assert.Equal((0.30m, 0.75m, 0.75m, 1.20m, 1.20m, null), (hours[5], hours[6], hours[12], hours[13], hours[17], hours[18]));
        Assert.Equal((6 * 0.30m) + (7 * 0.75m) + (5 * 1.20m), CostOf(day, "total_cost"));
        Assert.Equal(18m, day.GetProperty("unpriced_consumption").GetDecimal());
        Assert.Equal(CostOf(day, "total_cost"), CostOf(range.GetProperty("data")[0], "cost"));
        Assert.Equal(CostOf(day, "total_cost"), CostOf(range, "total_cost"));
        Assert.Equal(18m, range.GetProperty("unpriced_consumption").GetDecimal());
    }

    [Fact]
    public async Task Readings_are_expected_at_the_interval_of_the_time()
    {
        var device = await DeviceAsync(History);

        var day = await monitoring.JsonOfAsync(Daily(device));

        var expected = day.GetProperty("hourly_data").EnumerateArray().Select(hour => hour.GetProperty("expected_count").GetInt32()).ToArray();
        Assert.Equal((2m, 2m, 5m), (LimitOf(5), LimitOf(12), LimitOf(13)));
        // At 12 one at the old interval, and four from 12:20 on.
        Assert.Equal((1, 2, 5, 6), (expected[5], expected[6], expected[12], expected[13]));
        Assert.Equal(expected.Sum(), day.GetProperty("expected_count").GetInt32());

        decimal LimitOf(int hour) => day.GetProperty("hourly_data")[hour].GetProperty("max_consumption").GetDecimal();
    }

    [Fact]
    public async Task An_hour_is_judged_by_the_limit_that_was_valid_at_its_start()
    {
        var device = await DeviceAsync(History);

        var alerts = await Eventually.GetAsync(
            async () => (await monitoring.JsonOfAsync($"/api/monitoring/alerts?device_id={device}")).EnumerateArray().ToArray(), found => found.Length > 0, "alerts are raised");

        // Every hour used 3 kWh.
        Assert.Equal(
            Enumerable.Range(0, 13).Reverse().Select(hour => Midnight.AddHours(hour)), alerts.Select(alert => alert.GetProperty("hour_start").GetDateTimeOffset()));
        Assert.All(alerts, alert => Assert.Equal(2m, alert.GetProperty("max_consumption").GetDecimal()));
    }

    [Fact]
    public async Task Nothing_is_expected_before_a_device_exists_and_after_it_is_gone()
    {
        var device = await DeviceAsync([], existsFrom: Midnight.AddHours(10).AddMinutes(30));
        var before = await monitoring.JsonOfAsync(Daily(device));

        await monitoring.AnnounceAsync(new DeviceDeleted(device), version: 2);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(held => held.Id == device && held.DeletedAt != null)), "the device is gone");
        await monitoring.ExecuteAsync($"update device_replicas set deleted_at = '{Midnight.AddHours(20):O}' where id = '{device}'");
        var after = await monitoring.JsonOfAsync(Daily(device));

        Assert.Equal((13 * 6) + 3, before.GetProperty("expected_count").GetInt32());
        Assert.Equal((9 * 6) + 3, after.GetProperty("expected_count").GetInt32());
        Assert.Equal(24, after.GetProperty("measurement_count").GetInt32());

        // As after the restoration of a backup in which it wasn't deleted yet.
        await monitoring.ExecuteAsync($"update device_replicas set is_deleted = false where id = '{device}'");
        Assert.Equal((13 * 6) + 3, (await monitoring.JsonOfAsync(Daily(device))).GetProperty("expected_count").GetInt32());
    }

    [Fact]
    public void A_live_hour_is_judged_as_the_hour_of_a_query()
    {
        DeviceSettings[] history = [new(null, 2m, 0.10m, 600), new(Midnight.AddMinutes(30), 2m, 0.50m, 60)];
        var latest = new LatestReading(
            Guid.NewGuid(), "UTC", 60, 0.50m, Direction: null, Midnight.AddMinutes(10), JsonColumns.Write<DeviceSettings>(history), Tariffs: null, Midnight, HourEnergy: 3_000_000, ReadingCount: 4,
            Midnight.AddMinutes(50), Energy: 1000);

        var hour = LiveDevice.From(latest, new Dictionary<Guid, TariffReplica>(), now: Midnight.AddHours(2)).Hour;

        // Two in the twenty minutes until the change, and thirty afterwards.
        Assert.Equal((32, 0.30m), (hour.ExpectedCount, hour.Cost));
    }

    [Fact]
    public void A_history_that_is_not_sorted_or_has_an_impossible_interval_is_refused()
    {
        var device = new DeviceState(Guid.NewGuid(), "Meter", "", 2, "UTC", 600, 1);

        Assert.Null(DeviceReplicas.FaultOf(device with { Settings = History }));
        Assert.NotNull(DeviceReplicas.FaultOf(device with { Settings = [History[1], History[0]] }));
        Assert.NotNull(DeviceReplicas.FaultOf(device with { Settings = History[1..] }));
        Assert.NotNull(DeviceReplicas.FaultOf(device with { Settings = [History[0] with { ReportingIntervalSeconds = 0 }] }));
    }

    private static string Daily(Guid device) => $"{Questions.Daily(device)}&date={Date:yyyy-MM-dd}";

    private static decimal? CostOf(JsonElement part, string field) =>
        part.GetProperty(field) is { ValueKind: JsonValueKind.Number } cost ? cost.GetDecimal() : null;

    /// <summary>A device with this history that used 3 kWh in each hour of the date.</summary>
    private async Task<Guid> DeviceAsync(DeviceSettings[] history, DateTimeOffset? existsFrom = null)
    {
        var id = Guid.NewGuid();
        var (limit, price, interval) = history is [.., var last] ? (last.MaxConsumption, last.Price, last.ReportingIntervalSeconds) : (5m, 0.32m, 600);
        await monitoring.AnnounceAsync(
            new DeviceCreated(id, $"Meter {id}", "", limit, price, "UTC", interval) { Settings = history, ExistsFrom = existsFrom }, version: 1);
        await monitoring.PublishAsync(Enumerable.Range(0, 24).Select(hour => MonitoringFixture.Reading(id, Midnight.AddHours(hour), 3m)));
        await Eventually.TrueAsync(() => monitoring.QueryAsync(async db => await db.Hours.CountAsync(hour => hour.DeviceId == id) == 24), "the readings are counted");

        return id;
    }
}
