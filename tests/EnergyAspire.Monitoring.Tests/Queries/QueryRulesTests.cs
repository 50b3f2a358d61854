using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Queries;

public sealed class QueryRulesTests(MonitoringFixture monitoring)
{
    public static readonly TheoryData<string> Routes =
        ["hourly/daily", "hourly/range", "measurements"];

    [Theory, MemberData(nameof(Routes))]
    public async Task Someone_else_s_device_looks_absent_whatever_else_is_wrong(string route)
    {
        var foreign = await monitoring.DeviceAsync("UTC", DevelopmentData.Bob);
        foreach (var rest in (string[])["", "&date=x&start_date=x", "&granularity=x&limit=x&after=x", "&start_date=2025-02-02&end_date=2025-02-01"])
        {
            foreach (var accept in (string[])["application/json", "text/csv"])
            {
                using var response = await monitoring.AskAsync($"/api/monitoring/{route}?device_id={foreign}{rest}", DevelopmentData.Alice, accept);

                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
                Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            }
        }
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task A_deleted_device_s_history_is_the_admins_alone(string route)
    {
        var device = await monitoring.DeviceAsync("UTC", DevelopmentData.Alice);
        await monitoring.SeedHourAsync(device, "2025-06-01T00:00:00Z", energy: 1);
        var address = $"/api/monitoring/{route}?device_id={device}&date=2025-06-01&start_date=2025-06-01&end_date=2025-06-01";
        using var before = await monitoring.AskAsync(address, DevelopmentData.Alice);

        await monitoring.AnnounceAsync(new DeviceDeleted(device), version: 2);
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(db => db.Devices.AnyAsync(held => held.Id == device && held.IsDeleted)), "the device is gone");

        using var client = await monitoring.AskAsync(address, DevelopmentData.Alice);
        using var admin = await monitoring.AskAsync(address, DevelopmentData.Admin);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK), (before.StatusCode, client.StatusCode, admin.StatusCode));
    }

    [Theory]
    [InlineData("hourly/range?start_date=2025-06-01&end_date=2025-06-02", "device_id")]
    [InlineData("hourly/range?device_id=17&start_date=x", "device_id")]
    [InlineData("hourly/range?device_id={0}&device_id=17", "device_id")]
    [InlineData("hourly/range?device_id={0}", "start_date", "end_date")]
    [InlineData("hourly/range?device_id={0}&start_date=2025-06-31&end_date=tomorrow&granularity=week", "start_date", "end_date", "granularity")]
    [InlineData("hourly/range?device_id={0}&start_date=2025-06-02&end_date=2025-06-01", "end_date")]
    [InlineData("hourly/range?device_id={0}&start_date=1969-12-31&end_date=9999-12-31", "start_date", "end_date")]
    [InlineData("hourly/range?device_id={0}&start_date=2025-01-01&end_date=2026-02-05", "end_date")]
    [InlineData("hourly/range?device_id={0}&start_date=2015-01-01&end_date=2026-02-04&granularity=day", "end_date")]
    [InlineData("hourly/range?device_id={0}&start_date=2025-01-01&end_date=2025-01-02&granularity=Day", "granularity")]
    [InlineData("hourly/daily?device_id={0}&date=2025-06-01&date=2025-06-02", "date")]
    [InlineData("hourly/daily?device_id={0}&format=xml", "format")]
    [InlineData("hourly/range?device_id={0}&start_date=2025-06-01&end_date=2025-06-02&format=CSV", "format")]
    [InlineData("hourly/range?device_id={0}&start_date=2025-06-01T25:00:00Z&end_date=2025-06-02T00:00:00", "start_date")]
    [InlineData("hourly/range?device_id={0}&start_date=2025-06-01T00:00:00Z&end_date=2025-06-01T00:00:00Z", "end_date")]
    [InlineData("measurements?device_id={0}&format=csv&format=json", "format")]
    [InlineData("measurements?device_id=17", "device_id")]
    [InlineData("measurements?device_id={0}&limit=1001", "limit")]
    [InlineData("measurements?device_id={0}&limit=0", "limit")]
    [InlineData("measurements?device_id={0}&after=nonsense", "after")]
    [InlineData("measurements?device_id={0}&after=AAAAAAAAAAAAAAAAAAAAAAAA", "after")]
    [InlineData("measurements?device_id={0}&start_date=2025-06-02&end_date=2025-06-01", "end_date")]
    [InlineData("measurements?device_id={0}&start_date=x&end_date=y", "start_date", "end_date")]
    public async Task A_bad_request_names_every_wrong_field(string query, params string[] fields)
    {
        var device = await monitoring.DeviceAsync();

        using var response = await monitoring.AskAsync($"/api/monitoring/{string.Format(null, query, device, Guid.NewGuid())}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(fields, problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Theory]
    [InlineData("2025-01-01", "2026-02-04", "hour")]
    [InlineData("2016-01-01", "2026-01-07", "day")]
    [InlineData("2016-01-01", "2026-01-07", "month")]
    public async Task The_longest_range_is_answered(string start, string end, string granularity)
    {
        var device = await monitoring.DeviceAsync("America/Sao_Paulo");

        using var response = await monitoring.AskAsync(Questions.Range(start, end, granularity, device));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Many_devices_shorten_the_range_and_too_many_are_refused()
    {
        var devices = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => monitoring.DeviceAsync()));

        using var within = await monitoring.AskAsync(Questions.Range("2025-01-01", "2025-07-19", "hour", devices));
        using var beyond = await monitoring.AskAsync(Questions.Range("2025-01-01", "2025-07-20", "hour", devices));
        using var crowd = await monitoring.AskAsync(Questions.Daily(Enumerable.Range(0, 101).Select(_ => Guid.NewGuid())));

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (within.StatusCode, beyond.StatusCode, crowd.StatusCode));
    }
}
