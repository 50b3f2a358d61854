using System.Text.Json;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Monitoring.Tests.Consumption;

public sealed class RangeTests(MonitoringFixture monitoring)
{
    [Fact]
    public async Task A_range_by_hour_has_the_entries_of_its_days_with_their_dates()
    {
        var device = await monitoring.DeviceAsync("Europe/Berlin");
        await monitoring.SeedHourAsync(device, "2025-10-26T01:00:00Z", energy: 1_500_001, count: 5);

        var range = await monitoring.JsonOfAsync(Questions.Range("2025-10-25", "2025-10-27", "hour", device));

        Assert.Equal(
            ["device_id", "start_date", "end_date", "time_zone", "granularity", "data", "total_consumption", "measurement_count", "expected_count", "total_cost", "unpriced_consumption", "base_cost", "currency", "direction"],
            range.EnumerateObject().Select(property => property.Name));
        Assert.Equal([24, 25, 24], range.GetProperty("data").EnumerateArray().CountBy(hour => hour.GetProperty("date").GetString()!).Select(day => day.Value));
        Assert.Equal(
            """{"date":"2025-10-26","hour":2,"start":"2025-10-26T02:00:00+01:00","total_consumption":1.500001,"measurement_count":5,"expected_count":6,"is_measured":true,"is_expected":true,"cost":0.48000032,"max_consumption":2.5}""",
            range.GetProperty("data")[24 + 3].GetRawText());
        Assert.Equal((1.500001m, 5, 73 * 6), Totals(range));
    }

    [Fact]
    public async Task Hour_is_what_a_range_is_cut_into_by_itself()
    {
        var device = await monitoring.DeviceAsync();

        var range = await monitoring.JsonOfAsync($"/api/monitoring/hourly/range?device_id={device}&start_date=2025-06-01&end_date=2025-06-01");

        Assert.Equal("hour", range.GetProperty("granularity").GetString());
        Assert.Equal(24, range.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_range_by_day_and_by_month_says_how_much_is_missing()
    {
        var device = await monitoring.DeviceAsync("Asia/Kolkata");
        await monitoring.SeedHourAsync(device, "2025-05-31T18:30:00Z", energy: 2_000_000, count: 4);
        await monitoring.SeedHourAsync(device, "2025-06-30T17:30:00Z", energy: 1_000_000, count: 6);

        var days = await monitoring.JsonOfAsync(Questions.Range("2025-05-31", "2025-06-30", "day", device));
        var months = await monitoring.JsonOfAsync(Questions.Range("2025-05-31", "2025-06-30", "month", device));

        Assert.Equal("""{"date":"2025-05-31","total_consumption":0,"measurement_count":0,"expected_count":144,"is_measured":false,"is_expected":true,"cost":null}""", days.GetProperty("data")[0].GetRawText());
        Assert.Equal("""{"date":"2025-06-01","total_consumption":2,"measurement_count":4,"expected_count":144,"is_measured":true,"is_expected":true,"cost":0.64}""", days.GetProperty("data")[1].GetRawText());
        Assert.Equal(
            [
                """{"month":"2025-05","total_consumption":0,"measurement_count":0,"expected_count":144,"is_measured":false,"is_expected":true,"cost":null}""",
                """{"month":"2025-06","total_consumption":3,"measurement_count":10,"expected_count":4320,"is_measured":true,"is_expected":true,"cost":0.96}""",
            ],
            months.GetProperty("data").EnumerateArray().Select(month => month.GetRawText()));
        Assert.Equal(Totals(days), Totals(months));
    }

    [Fact]
    public async Task Half_an_hour_that_Lord_Howe_repeats_is_an_entry_of_its_own()
    {
        var device = await monitoring.DeviceAsync("Australia/Lord_Howe");

        var day = await monitoring.JsonOfAsync($"{Questions.Daily(device)}&date=2025-04-06");

        var shortHours = day.GetProperty("hourly_data").EnumerateArray().Where(hour => hour.GetProperty("expected_count").GetInt32() == 3).ToList();
        Assert.Equal("2025-04-06T01:30:00+10:30", Assert.Single(shortHours).GetProperty("start").GetString());
        Assert.Equal(147, day.GetProperty("expected_count").GetInt32());
    }

    [Fact]
    public async Task Hours_that_were_counted_before_the_device_s_zone_changed_are_not_lost()
    {
        var device = await monitoring.DeviceAsync("Asia/Kolkata");
        await monitoring.SeedHourAsync(device, "2025-06-01T09:00:00Z", energy: 1_000_000);

        var day = await monitoring.JsonOfAsync($"{Questions.Daily(device)}&date=2025-06-01");

        Assert.Equal(1m, day.GetProperty("total_daily_consumption").GetDecimal());
        Assert.Equal(1, day.GetProperty("hourly_data")[14].GetProperty("measurement_count").GetInt32());
    }

    [Fact]
    public async Task Several_devices_answer_in_one_call_each_in_its_own_zone()
    {
        var (berlin, kolkata) = (await monitoring.DeviceAsync("Europe/Berlin"), await monitoring.DeviceAsync("Asia/Kolkata"));
        await monitoring.SeedHourAsync(kolkata, "2025-03-29T18:30:00Z", energy: 7);

        var days = await monitoring.JsonOfAsync($"{Questions.Daily(kolkata, berlin)}&date=2025-03-30");
        var ranges = await monitoring.JsonOfAsync(Questions.Range("2025-03-30", "2025-03-30", "day", berlin, kolkata, berlin));

        Assert.Equal([kolkata, berlin], days.EnumerateArray().Select(DeviceOf));
        Assert.Equal([24, 23], days.EnumerateArray().Select(day => day.GetProperty("hourly_data").GetArrayLength()));
        Assert.Equal([berlin, kolkata], ranges.EnumerateArray().Select(DeviceOf));
        Assert.Equal([0m, 0.000007m], ranges.EnumerateArray().Select(range => range.GetProperty("total_consumption").GetDecimal()));
        var alone = await monitoring.JsonOfAsync($"{Questions.Daily(kolkata)}&date=2025-03-30");
        Assert.Equal(alone.GetRawText(), days[0].GetRawText());
    }

    [Fact]
    public async Task A_client_gets_several_devices_only_when_all_are_theirs()
    {
        var (own, shared, foreign) = (
            await monitoring.DeviceAsync("UTC", DevelopmentData.Alice),
            await monitoring.DeviceAsync("UTC", DevelopmentData.Alice, DevelopmentData.Bob),
            await monitoring.DeviceAsync("UTC", DevelopmentData.Bob));

        using var theirs = await monitoring.AskAsync(Questions.Daily(own, shared), DevelopmentData.Alice);
        using var mixed = await monitoring.AskAsync(Questions.Daily(own, foreign), DevelopmentData.Alice);

        Assert.Equal(System.Net.HttpStatusCode.OK, theirs.StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, mixed.StatusCode);
    }

    [Fact]
    public async Task Times_cut_a_range_of_hours_and_choose_the_dates_of_days()
    {
        var device = await monitoring.DeviceAsync("Asia/Kolkata");
        foreach (var hour in Enumerable.Range(0, 48))
            await monitoring.SeedHourAsync(device, $"{new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.FromHours(5.5)).AddHours(hour):O}", energy: 1_000_000);

        // From 02:30 to 05:30 there, and a whole day.
        var hours = await monitoring.JsonOfAsync(Questions.Range("2025-05-31T21:00:00Z", "2025-06-01T00:00:00Z", "hour", device));
        var days = await monitoring.JsonOfAsync(Questions.Range("2025-06-01T00:00:00%2B05:30", "2025-06-02T00:00:00%2B05:30", "day", device));

        Assert.Equal([3, 4, 5], hours.GetProperty("data").EnumerateArray().Select(hour => hour.GetProperty("hour").GetInt32()));
        Assert.Equal(3m, hours.GetProperty("total_consumption").GetDecimal());
        Assert.Equal(["2025-06-01"], days.GetProperty("data").EnumerateArray().Select(day => day.GetProperty("date").GetString()));
        Assert.Equal(24m, days.GetProperty("total_consumption").GetDecimal());
    }

    private static (decimal Total, int Count, int Expected) Totals(JsonElement range) => (
        range.GetProperty("total_consumption").GetDecimal(),
        range.GetProperty("measurement_count").GetInt32(),
        range.GetProperty("expected_count").GetInt32());

    private static Guid DeviceOf(JsonElement answer) => answer.GetProperty("device_id").GetGuid();
}
