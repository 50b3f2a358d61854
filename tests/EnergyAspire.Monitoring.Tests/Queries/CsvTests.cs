namespace EnergyAspire.Monitoring.Tests.Queries;

public sealed class CsvTests(MonitoringFixture monitoring)
{
    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/html", "application/json")]
    [InlineData("nonsense", "application/json")]
    [InlineData("text/csv", "text/csv")]
    [InlineData("TEXT/CSV; charset=utf-8", "text/csv")]
    [InlineData("text/*", "text/csv")]
    [InlineData("text/csv, */*", "text/csv")]
    [InlineData("text/csv;q=0.5, application/json", "application/json")]
    [InlineData("text/csv;q=0.5, application/json;q=0.4", "text/csv")]
    [InlineData("text/csv;q=0, */*", "application/json")]
    [InlineData("application/json, text/csv", "application/json")]
    public async Task The_accept_header_decides_between_json_and_csv(string? accept, string expected)
    {
        var device = await monitoring.DeviceAsync();
        string[] addresses = [Questions.Daily(device), Questions.Range("2025-06-01", "2025-06-01", "day", device), Questions.Measurements(device)];

        foreach (var address in addresses)
        {
            using var response = (await monitoring.AskAsync(address, accept: accept)).EnsureSuccessStatusCode();

            Assert.Equal((expected, "utf-8"), (response.Content.Headers.ContentType?.MediaType, response.Content.Headers.ContentType?.CharSet));
            Assert.Equal(["Accept"], response.Headers.Vary);
        }
    }

    [Theory]
    [InlineData("csv", "application/json", "text/csv")]
    [InlineData("csv", null, "text/csv")]
    [InlineData("json", "text/csv", "application/json")]
    public async Task The_format_decides_whatever_the_accept_header_says(string format, string? accept, string expected)
    {
        var device = await monitoring.DeviceAsync();
        (string Address, string File)[] questions =
        [
            ($"{Questions.Daily(device)}&date=2025-06-01", "consumption-2025-06-01.csv"),
            (Questions.Range("2025-06-01", "2025-06-30", "day", device), "consumption-2025-06-01-2025-06-30.csv"),
            (Questions.Measurements(device), $"measurements-{device}.csv"),
            ($"{Questions.Measurements(device)}&limit=1", $"measurements-{device}.csv"),
        ];

        foreach (var (address, file) in questions)
        {
            using var response = (await monitoring.AskAsync($"{address}&format={format}", accept: accept)).EnsureSuccessStatusCode();

            Assert.Equal(expected, response.Content.Headers.ContentType?.MediaType);
            var disposition = response.Content.Headers.ContentDisposition;
            Assert.Equal(
                expected == "text/csv" ? ("attachment", file) : (null, null), (disposition?.DispositionType, disposition?.FileName?.Trim('"')));
        }
    }

    [Fact]
    public async Task A_day_has_a_line_for_each_hour_and_blanks_for_what_is_missing()
    {
        var device = await monitoring.DeviceAsync("Heat pump", "Europe/Berlin");
        await monitoring.SeedHourAsync(device, "2025-10-26T00:00:00Z", energy: 1_500_001, count: 6);

        var lines = await monitoring.CsvOfAsync($"{Questions.Daily(device)}&date=2025-10-26");

        Assert.Equal("device_id,device_name,time_zone,date,hour,start,start_utc,total_consumption_kwh,measurement_count,expected_count,cost,currency,direction", lines[0]);
        Assert.Equal($"{device},Heat pump,Europe/Berlin,2025-10-26,2,2025-10-26T02:00:00+02:00,2025-10-26T00:00:00Z,1.500001,6,6,0.48000032,,consumption", lines[3]);
        Assert.Equal($"{device},Heat pump,Europe/Berlin,2025-10-26,2,2025-10-26T02:00:00+01:00,2025-10-26T01:00:00Z,,0,6,,,consumption", lines[4]);
        Assert.Equal(1 + 25, lines.Length);
    }

    [Fact]
    public async Task Several_devices_follow_each_other_by_day_and_by_month()
    {
        var (first, second) = (await monitoring.DeviceAsync("One", "UTC"), await monitoring.DeviceAsync("Two", "UTC"));
        await monitoring.SeedHourAsync(second, "2025-06-02T00:00:00Z", energy: 250_000);

        var days = await monitoring.CsvOfAsync(Questions.Range("2025-06-01", "2025-06-02", "day", first, second));
        var months = await monitoring.CsvOfAsync(Questions.Range("2025-06-01", "2025-06-02", "month", first, second));

        Assert.Equal("device_id,device_name,time_zone,date,total_consumption_kwh,measurement_count,expected_count,cost,base_cost,currency,direction", days[0]);
        Assert.Equal(1 + 4, days.Length);
        Assert.Equal($"{second},Two,UTC,2025-06-02,0.25,1,144,0.0800,,,consumption", days[^1]);
        Assert.Equal(
            [
                "device_id,device_name,time_zone,month,total_consumption_kwh,measurement_count,expected_count,cost,base_cost,currency,direction",
                $"{first},One,UTC,2025-06,,0,288,,,,consumption",
                $"{second},Two,UTC,2025-06,0.25,1,288,0.0800,,,consumption",
            ],
            months);
    }

    [Theory]
    [InlineData("""Say "hi", twice""", "\"Say \"\"hi\"\", twice\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@SUM(A1,A2)", "\"'@SUM(A1,A2)\"")]
    public async Task A_name_breaks_no_line_and_runs_in_no_spreadsheet(string name, string field)
    {
        var device = await monitoring.DeviceAsync(name, "UTC");

        var lines = await monitoring.CsvOfAsync(Questions.Range("2025-06-01", "2025-06-01", "day", device));

        Assert.Equal($"{device},{field},UTC,2025-06-01,,0,144,,,,consumption", lines[1]);
    }
}
