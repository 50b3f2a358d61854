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
                $$"""{"device_id":"{{device}}","timestamp":"{{Newest:yyyy-MM-dd}}T05:30:00+05:30","measurement_value":0.25,"register_value":null,"interval_seconds":null}""",
                $$"""{"device_id":"{{device}}","timestamp":"{{Newest:yyyy-MM-dd}}T04:30:00+05:30","measurement_value":0.25,"register_value":null,"interval_seconds":null}""",
                $$"""{"device_id":"{{device}}","timestamp":"{{Newest:yyyy-MM-dd}}T03:30:00+05:30","measurement_value":0.25,"register_value":null,"interval_seconds":null}""",
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
            times.Select(time => $"{device},Meter {device},{TimeZoneInfo.ConvertTime(time, berlin):yyyy-MM-ddTHH:mm:sszzz},{time:yyyy-MM-ddTHH:mm:ssZ},0.25,,")
                .Prepend("device_id,device_name,timestamp,timestamp_utc,measurement_value_kwh,register_value_kwh,interval_seconds"),
            all);
        Assert.Equal(all.Take(3), page);
    }

    [Fact]
    public async Task Times_cut_the_period_and_the_end_is_no_part_of_it()
    {
        var times = Every(TimeSpan.FromMinutes(10), 60);
        var device = await MeterAsync("Asia/Kolkata", times);

        var cut = await TimesAsync($"{Questions.Measurements(device)}&start_date={times[20]:yyyy-MM-ddTHH:mm:ssZ}&end_date={times[10].ToOffset(TimeSpan.FromHours(2)):yyyy-MM-ddTHH:mm:sszzz}");

        Assert.Equal(times[11..21], cut);
    }

    [Fact]
    public async Task Without_a_device_all_that_the_caller_may_see_come_newest_first_page_by_page()
    {
        var (owner, stranger) = (Guid.NewGuid(), Guid.NewGuid());
        var meters = new List<Guid>();
        var expected = new List<(DateTimeOffset Time, Guid Device)>();
        foreach (var (zone, step, count) in new[] { ("UTC", 10, 40), ("Asia/Kolkata", 20, 30), ("America/New_York", 60 * 24 * 40, 4) })
        {
            var times = Every(TimeSpan.FromMinutes(step), count);
            var device = await MeterAsync(zone, times, owner);
            meters.Add(device);
            expected.AddRange(times.Select(time => (time, device)));
        }

        await MeterAsync("UTC", Every(TimeSpan.FromMinutes(10), 5), stranger);
        expected = [.. expected.OrderByDescending(reading => reading.Time).ThenBy(reading => $"{reading.Device}", StringComparer.Ordinal)];

        var (seen, pages) = await AllPagesAsync("/api/monitoring/measurements?limit=7", owner);
        var (two, _) = await AllPagesAsync($"/api/monitoring/measurements?limit=7&device_id={meters[0]}&device_id={meters[1]}", owner);

        Assert.Equal(expected, seen);
        Assert.Equal(11, pages);
        Assert.Equal(expected.Where(reading => reading.Device != meters[2]), two);
        var (nobody, _) = await AllPagesAsync("/api/monitoring/measurements", Guid.NewGuid());
        Assert.Empty(nobody);

        // A date is another span at each site.
        var (day, _) = await AllPagesAsync($"/api/monitoring/measurements?limit=1000&start_date={Newest:yyyy-MM-dd}&end_date={Newest:yyyy-MM-dd}", owner);
        Assert.Equal(expected.Where(reading => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(
            reading.Time, TimeZoneInfo.FindSystemTimeZoneById(reading.Device == meters[0] ? "UTC" : reading.Device == meters[1] ? "Asia/Kolkata" : "America/New_York")).Date) == Newest), day);

        using var export = (await monitoring.AskAsync("/api/monitoring/measurements?format=csv", owner)).EnsureSuccessStatusCode();
        var lines = (await export.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n");
        Assert.Equal("measurements.csv", export.Content.Headers.ContentDisposition?.FileName);
        Assert.Equal(expected.Select(reading => $"{reading.Device}"), lines[1..^1].Select(line => line.Split(',')[0]));
    }

    private async Task<(List<(DateTimeOffset Time, Guid Device)> Readings, int Pages)> AllPagesAsync(string address, Guid caller)
    {
        var (seen, pages) = (new List<(DateTimeOffset, Guid)>(), 0);
        for (var next = address; next is not null; pages++)
        {
            using var response = (await monitoring.AskAsync(next, caller)).EnsureSuccessStatusCode();
            seen.AddRange(JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).EnumerateArray()
                .Select(reading => (reading.GetProperty("timestamp").GetDateTimeOffset(), reading.GetProperty("device_id").GetGuid())));
            next = response.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0].TrimStart('<') : null;
        }

        return (seen, pages);
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

    private async Task<Guid> MeterAsync(string zone, DateTimeOffset[] times, params Guid[] owners)
    {
        var device = await monitoring.DeviceAsync(zone, owners);
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
