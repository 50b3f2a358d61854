using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Forecasts;

/// <summary>Forecast and budget of the running month, asked of the service. Each hour of a device was 1 kWh.</summary>
public sealed class ForecastTests(MonitoringFixture monitoring)
{
    private const int LongHistory = 150;

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly DateTimeOffset Hour = new(Now.UtcDateTime.Date.AddHours(Now.Hour), TimeSpan.Zero);
    private static readonly DateTimeOffset Month = new(Now.Year, Now.Month, 1, 0, 0, 0, TimeSpan.Zero);

    private static decimal HoursOfMonth => 24 * DateTime.DaysInMonth(Now.Year, Now.Month);

    private static decimal HoursSoFar => (decimal)(Hour - Month).TotalHours + 1;

    [Fact]
    public async Task A_month_is_what_was_measured_and_the_forecast_of_the_rest()
    {
        var device = await DeviceAsync(LongHistory);

        var forecast = await ForecastAsync(device);

        Assert.Equal($"{Month:yyyy-MM}", forecast.GetProperty("month").GetString());
        Assert.Equal(JsonValueKind.Null, forecast.GetProperty("reason").ValueKind);
        Assert.Equal((HoursSoFar, HoursSoFar * 0.32m), (Of(forecast, "total_consumption"), Of(forecast, "total_cost")));
        Assert.Equal((HoursOfMonth, HoursOfMonth * 0.32m), (Of(forecast, "expected_consumption"), Of(forecast, "expected_cost")));
        Assert.Equal((HoursOfMonth, HoursOfMonth), (Of(forecast, "low_consumption"), Of(forecast, "high_consumption")));
        Assert.Equal((HoursOfMonth * 0.32m, HoursOfMonth * 0.32m), (Of(forecast, "low_cost"), Of(forecast, "high_cost")));
        Assert.Equal((0, 0), (Of(forecast, "unpriced_consumption"), Of(forecast, "missing_hours")));
        Assert.Equal((12 * 7 * 24) + Now.Hour, Of(forecast, "history_hours"));
        var accuracy = forecast.GetProperty("accuracy");
        Assert.Equal((3, 0, 0, 1), (Of(accuracy, "months"), Of(accuracy, "error"), Of(accuracy, "naive_error"), Of(accuracy, "coverage")));
    }

    [Fact]
    public async Task A_client_s_forecast_knows_only_what_the_client_may_see()
    {
        var (first, second, third, device) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), await DeviceAsync(LongHistory));
        await monitoring.AnnounceAsync(new DeviceAssigned(first, device, [new MappingPeriod(From: Hour.AddDays(-20))]), version: 1);
        await monitoring.AnnounceAsync(new DeviceAssigned(second, device, [new MappingPeriod(From: Hour.AddHours(-72))]), version: 1);
        await monitoring.AnnounceAsync(new DeviceUnassigned(third, device, [new MappingPeriod(From: Hour.AddDays(-60), Until: Hour.AddHours(-1))]), version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(async db => await db.Mappings.CountAsync(mapping => mapping.DeviceId == device) == 3), "the owners are known");

        var (longer, shorter, former) = (await ForecastAsync(device, first), await ForecastAsync(device, second), await ForecastAsync(device, third));
        using var stranger = await monitoring.AskAsync(Address(device), Guid.NewGuid());

        Assert.Equal((JsonValueKind.Null, 20 * 24), (longer.GetProperty("reason").ValueKind, Of(longer, "history_hours")));
        Assert.Equal("too_little_history", shorter.GetProperty("reason").GetString());
        Assert.Equal((Math.Min(HoursSoFar, 73), 72), (Of(shorter, "total_consumption"), Of(shorter, "history_hours")));
        Assert.All(["expected_consumption", "low_consumption", "high_consumption", "expected_cost", "low_cost", "high_cost", "accuracy", "budget"],
            field => Assert.Equal(JsonValueKind.Null, shorter.GetProperty(field).ValueKind));
        Assert.Equal("ended", former.GetProperty("reason").GetString());
        Assert.Equal(HttpStatusCode.NotFound, stranger.StatusCode);
    }

    [Fact]
    public async Task Hours_that_are_missing_are_counted_and_their_consumption_is_expected()
    {
        var missing = new[] { Hour.AddHours(-1), Hour.AddHours(-2), Hour.AddDays(-3) };
        var device = await DeviceAsync(30, hour => missing.Contains(hour) ? 3 : 6);

        var forecast = await ForecastAsync(device);

        // Of each missing hour 1 kWh was measured, and half of its readings.
        var soFar = missing.Count(hour => hour >= Month);
        Assert.Equal(soFar, Of(forecast, "missing_hours"));
        Assert.Equal(HoursSoFar, Of(forecast, "total_consumption"));
        Assert.Equal(HoursOfMonth + (0.5m * soFar), Of(forecast, "expected_consumption"));
        Assert.Equal((30 * 24) - missing.Length, Of(forecast, "history_hours"));
    }

    [Fact]
    public async Task Hours_that_were_imported_from_before_the_device_was_registered_are_known_only_when_they_are_complete()
    {
        var device = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(device) with { ExistsFrom = Hour }, version: 1);
        await SeedAsync(device, 30, hour => hour.Hour == 7 ? 1 : 6);

        Assert.Equal(30 * 23, Of(await ForecastAsync(device), "history_hours"));
    }

    [Fact]
    public async Task A_device_that_reports_once_a_day_is_known_in_every_hour_that_its_readings_cover()
    {
        var device = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(device) with { ReportingIntervalSeconds = 86_400 }, version: 1);
        await SeedAsync(device, 30, _ => 0);

        var forecast = await ForecastAsync(device);

        Assert.Equal((30 * 24, 0), (Of(forecast, "history_hours"), Of(forecast, "missing_hours")));
    }

    [Fact]
    public async Task Hours_without_a_price_have_no_cost()
    {
        var device = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(device) with { Price = null }, version: 1);
        await SeedAsync(device, 30, _ => 6);
        (await SetAsync(device, DevelopmentData.Admin, new { cost = 10 })).EnsureSuccessStatusCode();

        var forecast = await ForecastAsync(device);

        Assert.Equal((HoursOfMonth, HoursOfMonth), (Of(forecast, "expected_consumption"), Of(forecast, "unpriced_consumption")));
        Assert.Equal(JsonValueKind.Null, forecast.GetProperty("expected_cost").ValueKind);
        Assert.Equal("unknown", forecast.GetProperty("budget").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Each_account_has_its_own_budget_with_its_state()
    {
        var (owner, other) = (Guid.NewGuid(), Guid.NewGuid());
        var device = await DeviceAsync(30, owners: [owner, other]);

        var states = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, budget) in new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["more kWh"] = new { kwh = HoursOfMonth },
            ["fewer kWh"] = new { kwh = HoursOfMonth - 0.5m },
            ["kWh that are used"] = new { kwh = 0.000001m },
            ["more money"] = new { cost = HoursOfMonth * 0.32m },
            ["less money"] = new { cost = (HoursOfMonth * 0.32m) - 0.01m, kwh = (decimal?)null },
            ["money that is spent"] = new { cost = 0.1m },
        })
        {
            using var set = await SetAsync(device, owner, budget);
            Assert.Equal(HttpStatusCode.OK, set.StatusCode);
            states[name] = (await ForecastAsync(device, owner)).GetProperty("budget").GetProperty("state").GetString();
        }

        Assert.Equal(("within", "over", "within", "over"), (states["more kWh"], states["kWh that are used"], states["more money"], states["money that is spent"]));
        // In the last hour of a month everything is measured already.
        var expected = HoursSoFar == HoursOfMonth ? "over" : "expected_over";
        Assert.Equal((expected, expected), (states["fewer kWh"], states["less money"]));
        Assert.Equal(JsonValueKind.Null, (await ForecastAsync(device, other)).GetProperty("budget").ValueKind);
        var list = await monitoring.JsonOfAsync("/api/monitoring/budgets", owner);
        Assert.Equal((1, device, 0.1m), (list.GetArrayLength(), list[0].GetProperty("device_id").GetGuid(), Of(list[0], "cost")));
        Assert.Empty((await monitoring.JsonOfAsync("/api/monitoring/budgets", other)).EnumerateArray());
    }

    [Fact]
    public async Task A_budget_is_replaced_read_and_removed()
    {
        var owner = Guid.NewGuid();
        var device = await DeviceAsync(1, owners: [owner]);
        using var client = monitoring.Service.ClientOf(owner);
        var address = new Uri($"/api/monitoring/budgets/{device}", UriKind.Relative);

        using var none = await client.GetAsync(address);
        (await SetAsync(device, owner, new { kwh = 200 })).EnsureSuccessStatusCode();
        (await SetAsync(device, owner, new { cost = 80.5 })).EnsureSuccessStatusCode();
        var held = await client.GetFromJsonAsync<JsonElement>(address);
        using var removed = await client.DeleteAsync(address);
        using var again = await client.DeleteAsync(address);
        using var gone = await client.GetAsync(address);

        Assert.Equal((JsonValueKind.Null, 80.5m), (held.GetProperty("kwh").ValueKind, Of(held, "cost")));
        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.NotFound),
            (none.StatusCode, removed.StatusCode, again.StatusCode, gone.StatusCode));
    }

    [Theory]
    [InlineData("{}", "kwh")]
    [InlineData("""{"kwh": 1, "cost": 1}""", "kwh")]
    [InlineData("""{"kwh": 0}""", "kwh")]
    [InlineData("""{"kwh": -5}""", "kwh")]
    [InlineData("""{"kwh": 0.0000001}""", "kwh")]
    [InlineData("""{"cost": 1000000001}""", "cost")]
    [InlineData("""{"cost": "ten"}""", "cost")]
    [InlineData("""{"watts": 5}""", "watts")]
    public async Task A_wrong_budget_is_refused_and_changes_nothing(string body, string field)
    {
        var owner = Guid.NewGuid();
        var device = await DeviceAsync(1, owners: [owner]);
        (await SetAsync(device, owner, new { kwh = 7 })).EnsureSuccessStatusCode();
        using var client = monitoring.Service.ClientOf(owner);
        using var content = new StringContent(body, mediaType: new("application/json"));

        using var refused = await client.PutAsync(new Uri($"/api/monitoring/budgets/{device}", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(field, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(7, Of((await monitoring.JsonOfAsync("/api/monitoring/budgets", owner))[0], "kwh"));
    }

    [Fact]
    public async Task A_device_that_is_not_the_caller_s_looks_absent()
    {
        var device = await DeviceAsync(1, owners: [Guid.NewGuid()]);
        var stranger = Guid.NewGuid();
        using var client = monitoring.Service.ClientOf(stranger);

        using var set = await SetAsync(device, stranger, new { kwh = 1 });
        using var removed = await client.DeleteAsync(new Uri($"/api/monitoring/budgets/{device}", UriKind.Relative));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (set.StatusCode, removed.StatusCode));
        Assert.False(await monitoring.QueryAsync(db => db.Budgets.AnyAsync(budget => budget.DeviceId == device)));
    }

    [Fact]
    public async Task Budgets_go_with_their_account_and_with_their_device()
    {
        var (leaving, staying) = (Guid.NewGuid(), Guid.NewGuid());
        await monitoring.AnnounceAsync(new UserCreated(leaving, $"u{leaving:N}", "client", 0), version: 1);
        var (kept, deleted) = (await DeviceAsync(1, owners: [leaving, staying]), await DeviceAsync(1, owners: [staying]));
        foreach (var (device, owner) in ((Guid, Guid)[])[(kept, leaving), (kept, staying), (deleted, staying)])
            (await SetAsync(device, owner, new { kwh = 1 })).EnsureSuccessStatusCode();

        await monitoring.AnnounceAsync(new UserDeleted(leaving), version: 2);
        await monitoring.AnnounceAsync(new DeviceDeleted(deleted), version: 2);

        var left = await Eventually.GetAsync(
            () => monitoring.QueryAsync(db => db.Budgets.Where(budget => budget.DeviceId == kept || budget.DeviceId == deleted).ToListAsync()), budgets => budgets.Count == 1,
            "two budgets are removed");
        Assert.Equal((kept, staying), (left[0].DeviceId, left[0].UserId));
    }

    [Theory]
    [InlineData("/api/monitoring/forecast")]
    [InlineData("/api/monitoring/forecast?device_id=heat-pump")]
    [InlineData("/api/monitoring/forecast?device_id=3fa85f64-5717-4562-b3fc-2c963f66afa6&device_id=3fa85f64-5717-4562-b3fc-2c963f66afa7")]
    public async Task A_forecast_is_of_one_device(string address)
    {
        using var refused = await monitoring.AskAsync(address);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.True((await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("device_id", out _));
    }

    /// <summary>Makes a device whose hours of so many days, and the running one, were 1 kWh.</summary>
    private async Task<Guid> DeviceAsync(int days, Func<DateTimeOffset, int>? readings = null, params IEnumerable<Guid> owners)
    {
        var device = await monitoring.DeviceAsync("UTC", owners);
        await SeedAsync(device, days, readings ?? (_ => 6));

        return device;
    }

    private async Task SeedAsync(Guid device, int days, Func<DateTimeOffset, int> readings)
    {
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(held => held.Id == device)), "the device is known");
        await monitoring.SeedHoursAsync(
        [
            .. Enumerable.Range(0, (days * 24) + 1).Select(back => Hour.AddHours(-back)).Select(hour => (device, hour, 1_000_000L, readings(hour))),
        ]);
    }

    private Task<JsonElement> ForecastAsync(Guid device, Guid? caller = null) => monitoring.JsonOfAsync(Address(device), caller);

    private async Task<HttpResponseMessage> SetAsync(Guid device, Guid caller, object budget)
    {
        using var client = monitoring.Service.ClientOf(caller);
        return await client.PutAsJsonAsync(new Uri($"/api/monitoring/budgets/{device}", UriKind.Relative), budget);
    }

    private static string Address(Guid device) => $"/api/monitoring/forecast?device_id={device}";

    private static decimal Of(JsonElement answer, string field) => answer.GetProperty(field).GetDecimal();
}
