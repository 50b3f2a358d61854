using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Tests.Live;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;

namespace EnergyAspire.Monitoring.Tests.Consumption;

/// <summary>A device changes hands: everybody sees what was measured while it was theirs, and nothing else.</summary>
public sealed class OwnershipTests(MonitoringFixture monitoring)
{
    // Its clock hours start at half past in UTC.
    private const string Zone = "Asia/Kolkata";

    private static readonly TimeZoneInfo[] Zones = [.. TimeZoneInfo.GetSystemTimeZones()];
    private static readonly TimeZoneInfo Kolkata = TimeZoneInfo.FindSystemTimeZoneById(Zone);
    private static readonly DateOnly Date = DateOnly.FromDateTime(DateTime.UtcNow.AddDays(-3));
    private static readonly DateTimeOffset Midnight = SiteClock.Day(Date, Kolkata).Start;

    [Fact]
    public async Task A_tenant_who_moves_out_keeps_the_own_past_and_who_moves_in_sees_none_of_it()
    {
        var (first, second, device) = await HandOverAsync(Midnight.AddHours(12).AddMinutes(20));

        var days = new Dictionary<Guid, JsonElement>
        {
            [first] = await monitoring.DayAsync(first, device, Date),
            [second] = await monitoring.DayAsync(second, device, Date),
            [DevelopmentData.Admin] = await monitoring.DayAsync(DevelopmentData.Admin, device, Date),
        };

        // The hour of the handover belongs to who has the device at its end. 3 kWh were used at 5 and at 18 o'clock, else 1 kWh an hour.
        Assert.Equal((14m, 12, 72), Sums(days[first]));
        Assert.Equal((14m, 12, 72), Sums(days[second]));
        Assert.Equal((28m, 24, 144), Sums(days[DevelopmentData.Admin]));
        Assert.Equal(Enumerable.Range(0, 12), HoursWithReadings(days[first]));
        Assert.Equal(Enumerable.Range(12, 12), HoursWithReadings(days[second]));

        foreach (var (owner, hours) in ((Guid, Range)[])[(first, ..12), (second, 12..)])
        {
            var expected = Enumerable.Range(0, 24).Select(hour => Midnight.AddHours(hour)).Take(hours).Reverse();
            Assert.Equal(expected, (await monitoring.JsonOfAsync(Questions.Measurements(device), owner)).EnumerateArray().Select(row => row.GetProperty("timestamp").GetDateTimeOffset()));
            Assert.Equal(expected, (await monitoring.JsonOfAsync("/api/monitoring/measurements", owner)).EnumerateArray().Select(row => row.GetProperty("timestamp").GetDateTimeOffset()));
        }
    }

    [Fact]
    public async Task Sums_of_several_devices_are_cut_for_each_by_its_own_times()
    {
        var (first, second, device) = await HandOverAsync(Midnight.AddHours(6));
        var (_, _, other) = await HandOverAsync(Midnight.AddHours(20), first, second);

        var ranges = (await monitoring.JsonOfAsync(Questions.Range($"{Date:yyyy-MM-dd}", $"{Date:yyyy-MM-dd}", "day", device, other), second)).EnumerateArray().ToArray();

        Assert.Equal([20m, 4m], ranges.Select(range => range.GetProperty("total_consumption").GetDecimal()));
        Assert.Equal([108, 24], ranges.Select(range => range.GetProperty("data")[0].GetProperty("expected_count").GetInt32()));
    }

    [Fact]
    public async Task Alerts_are_those_of_the_own_hours_and_another_s_looks_absent()
    {
        var (first, second, device) = await HandOverAsync(Midnight.AddHours(12).AddMinutes(20));

        var (firsts, seconds, all) = (await AlertsAsync(first, device), await AlertsAsync(second, device), await AlertsAsync(DevelopmentData.Admin, device));
        using var stranger = monitoring.Service.ClientOf(second);
        using var refused = await stranger.PostAsync(new Uri($"/api/monitoring/alerts/{firsts[0].GetProperty("id").GetGuid()}/acknowledge", UriKind.Relative), null);
        using var owner = monitoring.Service.ClientOf(first);
        using var noted = await owner.PostAsync(new Uri($"/api/monitoring/alerts/{firsts[0].GetProperty("id").GetGuid()}/acknowledge", UriKind.Relative), null);

        Assert.Equal(Midnight.AddHours(5), Assert.Single(firsts).GetProperty("hour_start").GetDateTimeOffset());
        Assert.Equal(Midnight.AddHours(18), Assert.Single(seconds).GetProperty("hour_start").GetDateTimeOffset());
        Assert.Equal(2, all.Length);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (refused.StatusCode, noted.StatusCode));
    }

    [Fact]
    public async Task A_former_device_is_listed_on_request_with_its_times()
    {
        var handover = Midnight.AddHours(12);
        var (first, second, device) = await HandOverAsync(handover);

        var now = await monitoring.JsonOfAsync("/api/monitoring/devices", first);
        var all = await monitoring.JsonOfAsync("/api/monitoring/devices?with_ended=true", first);
        var current = await monitoring.JsonOfAsync("/api/monitoring/devices", second);
        using var wrong = await monitoring.AskAsync("/api/monitoring/devices?with_ended=1");

        Assert.Empty(now.EnumerateArray());
        var period = Assert.Single(all[0].GetProperty("periods").EnumerateArray());
        Assert.Equal((device, handover), (all[0].GetProperty("id").GetGuid(), period.GetProperty("until").GetDateTimeOffset()));
        Assert.Equal(handover, current[0].GetProperty("periods")[0].GetProperty("from").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task Who_moves_in_is_not_pushed_what_was_before()
    {
        var (first, second, device) = await HandOverAsync(DateTimeOffset.UtcNow);
        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, second);
        var own = await monitoring.DeviceAsync(owners: second);

        var hour = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(-3);
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, hour, 1m), MonitoringFixture.Reading(own, hour, 1m));
        await viewer.SeesAsync(own, hour);
        await monitoring.PublishAsync(MonitoringFixture.Reading(own, hour.AddMinutes(10), 1m));
        await viewer.SeesAsync(own, hour.AddMinutes(10));

        Assert.Empty(viewer.Of(device));
    }

    /// <summary>An event from before there were periods.</summary>
    [Fact]
    public async Task An_end_without_periods_shows_nothing_any_more()
    {
        var owner = Guid.NewGuid();
        var device = await monitoring.DeviceAsync("UTC", owner);

        await monitoring.AnnounceAsync(new DeviceUnassigned(owner, device), version: 1000);

        await Eventually.TrueAsync(
            async () => (await monitoring.AskAsync(Questions.Daily(device), owner)).StatusCode == HttpStatusCode.NotFound, "the device is no longer visible");
        Assert.Empty((await monitoring.JsonOfAsync("/api/monitoring/devices?with_ended=true", owner)).EnumerateArray());
    }

    [Fact]
    public void Each_hour_belongs_to_exactly_one_of_consecutive_owners_in_every_zone() =>
        Gen.Select(Gen.Int[0, Zones.Length - 1].Select(zone => Zones[zone]), Gen.Int[0, 400 * 86_400].Array[1, 4], Gen.Int[0, 400 * 86_400]).Sample((zone, handovers, second) =>
        {
            var start = new DateTimeOffset(2025, 12, 1, 0, 0, 0, TimeSpan.Zero);
            DateTimeOffset?[] bounds = [null, .. handovers.Order().Select(at => (DateTimeOffset?)start.AddSeconds(at)), null];
            var hour = SiteClock.HourStart(start.AddSeconds(second), zone);
            var end = SiteClock.NextHour(hour, zone);

            for (var owner = 0; owner < bounds.Length - 1; owner++)
            {
                var (from, until) = (bounds[owner], bounds[owner + 1]);
                var period = new NpgsqlRange<DateTimeOffset>(from ?? default, from is not null, from is null, until ?? default, false, until is null);
                var isSeen = VisibleDevice.TimesOf([period], zone).Any(times => hour >= times.From && hour < times.Until);
                var owns = (from is null || from < end) && (until is null || until >= end);
                if (isSeen != owns)
                    return false;
            }

            return true;
        });

    /// <summary>A device with a reading in each hour of the date, which changes hands.</summary>
    private async Task<(Guid First, Guid Second, Guid Device)> HandOverAsync(DateTimeOffset handover, Guid? from = null, Guid? to = null)
    {
        var (first, second, device) = (from ?? Guid.NewGuid(), to ?? Guid.NewGuid(), await monitoring.DeviceAsync(Zone));
        await monitoring.AnnounceAsync(new DeviceAssigned(first, device, [new MappingPeriod()]), version: 1);
        await monitoring.AnnounceAsync(new DeviceUnassigned(first, device, [new MappingPeriod(Until: handover)]), version: 2);
        await monitoring.AnnounceAsync(new DeviceAssigned(second, device, [new MappingPeriod(From: handover)]), version: 1);
        await monitoring.PublishAsync(Enumerable.Range(0, 24).Select(hour =>
            MonitoringFixture.Reading(device, Midnight.AddHours(hour), hour is 5 or 18 ? 3m : 1m)));
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(async db =>
                await db.Hours.CountAsync(hour => hour.DeviceId == device) == 24
                && await db.Mappings.CountAsync(mapping => mapping.DeviceId == device && mapping.Version == (mapping.UserId == first ? 2 : 1)) == 2),
            "readings and owners are known");

        return (first, second, device);
    }

    private async Task<JsonElement[]> AlertsAsync(Guid caller, Guid device)
    {
        using var client = monitoring.Service.ClientOf(caller);
        return (await client.GetFromJsonAsync<JsonElement[]>(new Uri($"/api/monitoring/alerts?device_id={device}", UriKind.Relative)))!;
    }

    private static (decimal, int, int) Sums(JsonElement day) => (
        day.GetProperty("total_daily_consumption").GetDecimal(), day.GetProperty("measurement_count").GetInt32(), day.GetProperty("expected_count").GetInt32());

    private static IEnumerable<int> HoursWithReadings(JsonElement day) => day.GetProperty("hourly_data").EnumerateArray()
        .Where(hour => hour.GetProperty("measurement_count").GetInt32() > 0).Select(hour => hour.GetProperty("hour").GetInt32());
}
