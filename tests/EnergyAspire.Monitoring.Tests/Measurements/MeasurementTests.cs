using System.Text.Json;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Measurements;

public sealed class MeasurementTests(MonitoringFixture monitoring)
{
    private static readonly DateOnly Newest = DateOnly.FromDateTime(DateTime.UtcNow.AddDays(-3));

    [Fact]
    public async Task Readings_come_newest_first_with_the_site_s_offset()
    {
        var device = await MeterAsync("Asia/Kolkata", Every(TimeSpan.FromHours(1), 3));

        var measurements = await monitoring.JsonOfAsync(Questions.Measurements(device));

        Assert.Equal(
            [
                $$"""{"device_id":"{{device}}","timestamp":"{{Newest:yyyy-MM-dd}}T05:30:00+05:30","measurement_value":0.25}""",
                $$"""{"device_id":"{{device}}","timestamp":"{{Newest:yyyy-MM-dd}}T04:30:00+05:30","measurement_value":0.25}""",
                $$"""{"device_id":"{{device}}","timestamp":"{{Newest:yyyy-MM-dd}}T03:30:00+05:30","measurement_value":0.25}""",
            ],
            measurements.EnumerateArray().Select(measurement => measurement.GetRawText()));
    }

    [Fact]
    public async Task Dates_are_the_site_s_and_both_belong_to_the_period()
    {
        var device = await MeterAsync("Asia/Kolkata", Every(TimeSpan.FromHours(1), 60));

        var (yesterday, before) = (Newest.AddDays(-1), Newest.AddDays(-2));
        var middle = await TimesAsync($"{Questions.Measurements(device)}&start_date={yesterday:yyyy-MM-dd}&end_date={yesterday:yyyy-MM-dd}");
        var newer = await TimesAsync($"{Questions.Measurements(device)}&start_date={yesterday:yyyy-MM-dd}");
        var older = await TimesAsync($"{Questions.Measurements(device)}&end_date={before:yyyy-MM-dd}");

        Assert.Equal(24, middle.Count);
        Assert.Equal((yesterday, yesterday), (DateOnly.FromDateTime(middle[0].DateTime), DateOnly.FromDateTime(middle[^1].DateTime)));
        Assert.Equal(24 + 6, newer.Count);
        Assert.Equal(60 - 24 - 6, older.Count);
    }

    [Fact]
    public async Task Pages_follow_the_link_to_the_last_reading_without_gap_or_repetition()
    {
        var expected = Every(TimeSpan.FromMinutes(10), 250);
        var device = await MeterAsync("UTC", expected);

        var seen = new List<DateTimeOffset>();
        var next = $"{Questions.Measurements(device)}&limit=90";
        var pages = new List<int>();
        while (next is not null)
        {
            using var response = (await monitoring.AskAsync(next)).EnsureSuccessStatusCode();
            var times = TimesOf(JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
            pages.Add(times.Count);
            seen.AddRange(times);
            next = response.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0].TrimStart('<') : null;
        }

        Assert.Equal([90, 90, 70], pages);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task A_hundred_readings_are_a_page_by_itself()
    {
        var device = await MeterAsync("UTC", Every(TimeSpan.FromMinutes(10), 101));

        Assert.Equal(100, (await TimesAsync(Questions.Measurements(device))).Count);
    }

    [Fact]
    public async Task A_meter_that_fell_silent_long_ago_shows_its_last_readings()
    {
        var silent = Every(TimeSpan.FromDays(30), 6);
        var device = await MeterAsync("UTC", silent);

        Assert.Equal(silent, await TimesAsync(Questions.Measurements(device)));
        Assert.Equal(silent[..2], await TimesAsync($"{Questions.Measurements(device)}&limit=2"));
    }

    [Fact]
    public async Task Csv_has_the_whole_period_or_the_page_asked_for()
    {
        var times = Every(TimeSpan.FromMinutes(10), 250);
        var device = await MeterAsync("Europe/Berlin", times);

        var all = await monitoring.CsvOfAsync(Questions.Measurements(device));
        var page = await monitoring.CsvOfAsync($"{Questions.Measurements(device)}&limit=2");

        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        Assert.Equal(
            times.Select(time => $"{device},Meter {device},{TimeZoneInfo.ConvertTime(time, berlin):yyyy-MM-ddTHH:mm:sszzz},0.25")
                .Prepend("device_id,device_name,timestamp,measurement_value_kwh"),
            all);
        Assert.Equal(all.Take(3), page);
    }

    [Fact]
    public async Task Fractions_of_a_second_survive_paging_and_csv()
    {
        var second = new DateTimeOffset(Newest, TimeOnly.MinValue, TimeSpan.Zero);
        DateTimeOffset[] times = [second.AddMicroseconds(3), second.AddMicroseconds(2), second];
        var device = await MeterAsync("UTC", times);

        using var first = await monitoring.AskAsync($"{Questions.Measurements(device)}&limit=2");
        var rest = await TimesAsync(first.Headers.GetValues("Link").Single().Split('>')[0].TrimStart('<'));

        Assert.Equal([second], rest);
        Assert.Contains($"{Newest:yyyy-MM-dd}T00:00:00.000003+00:00", (await monitoring.CsvOfAsync(Questions.Measurements(device)))[1]);
    }

    private static DateTimeOffset[] Every(TimeSpan step, int count) =>
        [.. Enumerable.Range(0, count).Select(index => new DateTimeOffset(Newest, TimeOnly.MinValue, TimeSpan.Zero) - (step * index))];

    private async Task<Guid> MeterAsync(string zone, DateTimeOffset[] times)
    {
        var device = await monitoring.DeviceAsync(zone);
        await monitoring.PublishAsync(times.Select(time =>
            $$"""{"timestamp": "{{time:O}}", "device_id": "{{device}}", "measurement_value": 0.25}"""));
        await Eventually.TrueAsync(
            async () => await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.ReadingCount)) == times.Length,
            "the readings are stored");

        return device;
    }

    private async Task<List<DateTimeOffset>> TimesAsync(string address) => TimesOf(await monitoring.JsonOfAsync(address));

    private static List<DateTimeOffset> TimesOf(JsonElement measurements) =>
        [.. measurements.EnumerateArray().Select(measurement => measurement.GetProperty("timestamp").GetDateTimeOffset())];
}
