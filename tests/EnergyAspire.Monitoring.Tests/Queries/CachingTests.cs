using System.Net;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Queries;

public sealed class CachingTests(MonitoringFixture monitoring)
{
    private const string PastDay = "2025-06-01";

    public static readonly TheoryData<string> PastPeriods =
    [
        $"hourly/daily?date={PastDay}",
        $"hourly/range?start_date={PastDay}&end_date={PastDay}",
        $"hourly/range?start_date=2025-01-01&end_date=2025-12-31&granularity=month",
        $"measurements?end_date={PastDay}",
    ];

    [Theory, MemberData(nameof(PastPeriods))]
    public async Task A_past_period_is_sent_once_as_long_as_it_holds(string query)
    {
        var address = $"/api/monitoring/{query}&device_id={await monitoring.DeviceAsync("UTC", DevelopmentData.Alice)}";
        foreach (var accept in (string[])["application/json", "text/csv"])
        {
            // Without a limit a CSV of measurements is an export, which is not kept.
            var asked = query.StartsWith("measurements", StringComparison.Ordinal) ? $"{address}&limit=10" : address;
            using var first = await monitoring.AskAsync(asked, accept: accept);
            using var second = await monitoring.AskAsync(asked, accept: accept, held: first.Headers.ETag);

            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, second.StatusCode));
            Assert.False(first.Headers.ETag!.IsWeak);
            Assert.Equal(first.Headers.ETag, second.Headers.ETag);
            Assert.Equal("no-cache, private", first.Headers.CacheControl?.ToString());
            Assert.Equal(["Accept"], second.Headers.Vary);
            Assert.Empty(await second.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_period_that_goes_on_is_not_kept()
    {
        var device = await monitoring.DeviceAsync("Pacific/Kiritimati");
        var (today, later) = (DateTime.UtcNow.AddDays(1).ToString("yyyy-MM-dd"), DateTime.UtcNow.AddDays(9).ToString("yyyy-MM-dd"));
        string[] current =
        [
            Questions.Daily(device), Questions.Range(PastDay, later, "month", device), Questions.Measurements(device),
            $"{Questions.Measurements(device)}&end_date={today}",
        ];

        foreach (var address in current)
        {
            using var response = await monitoring.AskAsync(address);

            Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
            Assert.Null(response.Headers.ETag);
        }
    }

    [Fact]
    public async Task A_late_reading_of_zero_changes_the_tag()
    {
        var device = await monitoring.DeviceAsync();
        var late = DateTimeOffset.UtcNow.AddDays(-2);
        var date = late.ToString("yyyy-MM-dd");
        string[] addresses =
        [
            $"{Questions.Daily(device)}&date={date}", Questions.Range("2025-12-01", date, "day", device), $"{Questions.Measurements(device)}&end_date={date}",
        ];

        await AssertChangesAsync(addresses, async () =>
        {
            await monitoring.PublishAsync(MonitoringFixture.Reading(device, late, 0));
            await ArrivesAsync(db => db.Hours.AnyAsync(hour => hour.DeviceId == device), "the reading is counted");
        });
    }

    [Fact]
    public async Task Energy_that_moves_to_another_hour_changes_the_tag()
    {
        var device = await monitoring.DeviceAsync();
        await monitoring.SeedHourAsync(device, $"{PastDay}T10:00:00Z", energy: 5);

        await AssertChangesAsync([$"{Questions.Daily(device)}&date={PastDay}"], () =>
            monitoring.ExecuteAsync($"update hourly_consumption set hour_start = hour_start + interval '1 hour' where device_id = '{device}'"));
    }

    [Theory]
    [InlineData("Asia/Kolkata", 600)]
    [InlineData("UTC", 60)]
    public async Task Another_zone_or_interval_of_the_device_changes_the_tag(string zone, int interval)
    {
        var device = await monitoring.DeviceAsync();

        await AssertChangesAsync([$"{Questions.Daily(device)}&date={PastDay}", Questions.Range(PastDay, PastDay, "day", device)], async () =>
        {
            var (_, name, description, limit, price, _, _) = MonitoringFixture.Device(device);
            await monitoring.AnnounceAsync(new DeviceUpdated(device, name, description, limit, price, zone, interval), version: 2);
            await ArrivesAsync(db => db.Devices.AnyAsync(held => held.Id == device && held.Version == 2), "the device has changed");
        });
    }

    [Fact]
    public async Task A_tag_opens_no_one_else_s_device()
    {
        var device = await monitoring.DeviceAsync("UTC", DevelopmentData.Bob);
        var address = $"{Questions.Daily(device)}&date={PastDay}";
        using var admins = await monitoring.AskAsync(address);

        using var alices = await monitoring.AskAsync(address, DevelopmentData.Alice, held: admins.Headers.ETag);

        Assert.Equal(HttpStatusCode.NotFound, alices.StatusCode);
    }

    private async Task AssertChangesAsync(string[] addresses, Func<Task> change)
    {
        var before = await Task.WhenAll(addresses.Select(address => monitoring.AskAsync(address)));

        await change();

        foreach (var (address, held) in addresses.Zip(before))
        {
            using var after = await monitoring.AskAsync(address, held: held.Headers.ETag);
            Assert.Equal(HttpStatusCode.OK, after.StatusCode);
            Assert.NotEqual(held.Headers.ETag, after.Headers.ETag);
            held.Dispose();
        }
    }

    private Task ArrivesAsync(Func<MonitoringDbContext, Task<bool>> happened, string what) =>
        Eventually.TrueAsync(() => monitoring.QueryAsync(happened), what);
}
