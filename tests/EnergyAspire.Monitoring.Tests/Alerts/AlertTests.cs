using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Tests.Live;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EnergyAspire.Monitoring.Tests.Alerts;

/// <summary>Devices of the fixture may use 2.5 kWh in a clock hour and report every ten minutes.</summary>
public sealed class AlertTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Morning = new(DateTime.UtcNow.Date.AddDays(-1).AddHours(9), TimeSpan.Zero);

    [Fact]
    public async Task An_hour_that_passes_its_limit_raises_one_alert_and_announces_it_once()
    {
        await using var events = await monitoring.FollowAsync(OverconsumptionDetected.EventType);
        var device = await monitoring.DeviceAsync("Europe/Berlin", DevelopmentData.Alice);

        await monitoring.PublishAsync(Reading(device, 0, 1.5m), Reading(device, 10, 1m));
        await CountedAsync(device, 2);
        Assert.Empty(await AlertsAsync(DevelopmentData.Alice, device));
        await monitoring.PublishAsync(Reading(device, 20, 0.1m));
        await CountedAsync(device, 3);
        await monitoring.PublishAsync(Reading(device, 30, 1m), Reading(device, 20, 0.1m), Reading(device, 40, 1m));
        await CountedAsync(device, 5);

        var alert = Assert.Single(await AlertsAsync(DevelopmentData.Alice, device));
        Assert.Equal("exceeded", alert.GetProperty("kind").GetString());
        Assert.Equal(2.6m, alert.GetProperty("energy").GetDecimal());
        Assert.Equal(2.6m, alert.GetProperty("projected").GetDecimal());
        Assert.Equal(2.5m, alert.GetProperty("max_consumption").GetDecimal());
        Assert.Equal(Morning, alert.GetProperty("hour_start").GetDateTimeOffset());
        Assert.NotEqual(TimeSpan.Zero, alert.GetProperty("hour_start").GetDateTimeOffset().Offset);

        var announced = await events.TakeAsync(data => data.GetProperty("device_id").GetGuid() == device);
        Assert.Equal(alert.GetProperty("id").GetGuid(), announced.GetProperty("id").GetGuid());
        Assert.Equal(2.6m, announced.GetProperty("energy").GetDecimal());
        Assert.Equal(0, await monitoring.ScalarAsync<long>("select count(*) from outbox_messages where body -> 'data' ->> 'device_id' = $1", device.ToString()));
    }

    [Fact]
    public async Task However_replicas_share_the_readings_of_many_hours_there_is_one_alert_for_each_that_is_over()
    {
        await using var replica = monitoring.StartService();
        await replica.WaitUntilReadyAsync();
        var devices = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => monitoring.DeviceAsync()));
        var readings = (
            from device in devices
            from hour in Enumerable.Range(0, 20)
            from minute in Enumerable.Range(0, 6)
                // Even hours come to 3 kWh, odd ones to 2.4.
            select Reading(device, (hour * -60) + (minute * 10), hour % 2 == 0 ? 0.5m : 0.4m)).ToArray();
        Random.Shared.Shuffle(readings);

        await monitoring.PublishAsync(readings.Concat(readings));

        foreach (var device in devices)
        {
            await CountedAsync(device, 120);
            var hours = (await AlertsAsync(DevelopmentData.Admin, device)).Select(alert => alert.GetProperty("hour_start").GetDateTimeOffset()).Order();
            Assert.Equal(Enumerable.Range(0, 10).Select(hour => Morning.AddHours(-2 * hour)).Order(), hours);
        }
    }

    [Fact]
    public async Task A_running_hour_that_will_pass_its_limit_warns_once_before_it_does_and_a_single_reading_says_too_little()
    {
        var device = await monitoring.DeviceAsync();
        var start = new DateTimeOffset(DateTime.UtcNow.Date.AddHours(DateTime.UtcNow.Hour), TimeSpan.Zero);

        Assert.Empty(await StoreAsync(start.AddMinutes(10), (0, 1m)));
        var warning = Assert.Single(await StoreAsync(start.AddMinutes(20), (10, 0.2m), (10, 0.2m), (20, -1m)));
        Assert.Empty(await StoreAsync(start.AddMinutes(30), (20, 0.2m)));
        var alert = Assert.Single(await StoreAsync(start.AddMinutes(40), (30, 1.2m)));
        Assert.Empty(await StoreAsync(start.AddMinutes(50), (40, 1.2m)));

        Assert.Equal((AlertKind.Projected, 1_200_000, 3_600_000), (warning.Kind, warning.Energy, warning.Projected));
        Assert.Equal((AlertKind.Exceeded, 2_600_000, 2_600_000), (alert.Kind, alert.Energy, alert.Projected));

        Task<List<Alert>> StoreAsync(DateTimeOffset now, params (int Minute, decimal Energy)[] readings) => StoreRunningAsync(device, start, now, readings);
    }

    [Fact]
    public async Task The_end_of_a_reading_of_the_hour_before_raises_no_projection()
    {
        var device = await monitoring.DeviceAsync();
        var start = new DateTimeOffset(DateTime.UtcNow.Date.AddHours(DateTime.UtcNow.Hour), TimeSpan.Zero);

        // 2.1 kWh in each hour, at a limit of 2.5.
        foreach (var minute in new[] { -1, 9, 19, 29, 39, 49 })
            Assert.Empty(await StoreRunningAsync(device, start, start.AddMinutes(minute + 10), (minute, 0.35m)));

        // Now more than the limit.
        Assert.Equal([AlertKind.Exceeded], (await StoreRunningAsync(device, start, start.AddMinutes(50), (45, 0.8m))).ConvertAll(alert => alert.Kind));
    }

    [Fact]
    public async Task A_reading_of_a_whole_day_raises_an_alert_for_each_hour_and_one_notice()
    {
        var device = await monitoring.DeviceAsync("UTC", intervalSeconds: 86_400);

        var now = Morning.AddDays(1);
        var raised = await StoreAsync(now, new ArrivedReading([], now, new ParsedReading(new Reading(device, Morning, 72_000_000), Reason: null, Detail: null)));

        Assert.Equal(24, raised.Count);
        Assert.All(raised, alert => Assert.False(alert.Alert.IsLate));
        Assert.Equal(Morning.AddHours(23), Assert.Single(raised, alert => alert.IsNotice).Alert.HourStart);
    }

    /// <summary>Stores readings of an hour while it is running.</summary>
    private async Task<List<Alert>> StoreRunningAsync(Guid device, DateTimeOffset start, DateTimeOffset now, params (int Minute, decimal Energy)[] readings)
    {
        var parser = new ReadingParser(Options.Create(new IngestOptions()), new FakeTimeProvider(now));
        var arrived = Array.ConvertAll(readings, reading =>
        {
            var body = Encoding.UTF8.GetBytes(MonitoringFixture.Reading(device, start.AddMinutes(reading.Minute), reading.Energy));
            return new ArrivedReading(body, now, parser.Parse(body));
        });

        return [.. (await StoreAsync(now, arrived)).Select(raised => raised.Alert)];
    }

    /// <summary>Stores readings as whoever stores them does.</summary>
    private Task<IReadOnlyList<RaisedAlert>> StoreAsync(DateTimeOffset now, params ArrivedReading[] readings) => monitoring.QueryAsync(async db =>
    {
        await db.Database.OpenConnectionAsync();
        // No other test may have needed these days yet.
        await monitoring.Service.Services.GetRequiredService<ReadingPartitions>().EnsureAsync(
            (NpgsqlConnection)db.Database.GetDbConnection(), readings.Select(reading => reading.Parsed.Reading.Timestamp).Where(time => time != default),
            CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync();
        var result = await ReadingStore.StoreAsync(db, readings, writer: 9, ReadingSource.Meters, now, CancellationToken.None);
        await transaction.CommitAsync();

        return result.Alerts;
    });

    [Fact]
    public async Task A_week_that_comes_at_once_raises_late_alerts_and_one_notice_at_every_replica()
    {
        var owner = Guid.NewGuid();
        await using var events = await monitoring.FollowAsync(OverconsumptionDetected.EventType);
        var device = await monitoring.DeviceAsync("Asia/Kolkata", intervalSeconds: 1, owner);
        await using var replica = monitoring.StartService();
        await replica.WaitUntilReadyAsync();
        await using var here = await Viewer.ConnectAsync(monitoring.Service, owner);
        await using var there = await Viewer.ConnectAsync(replica, owner);
        // On the half hour, where hours begin there.
        var first = Morning.AddMinutes(30).AddDays(-8);

        foreach (var day in Enumerable.Range(0, 7))
            await monitoring.PublishAsync(Enumerable.Range(0, 24).Select(hour => MonitoringFixture.Reading(device, first.AddHours((24 * day) + hour), 3m)));
        await CountedAsync(device, 168);
        // What comes on time is told of, so all of the others would have been by then.
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, DateTimeOffset.UtcNow.AddMinutes(-1), 3m));

        foreach (var viewer in new[] { here, there })
        {
            await Eventually.TrueAsync(() => Task.FromResult(viewer.Alerts.Any(alert => !alert.GetProperty("late").GetBoolean())), "the alert of now is seen");
            var late = Assert.Single(viewer.Alerts, alert => alert.GetProperty("late").GetBoolean());
            Assert.EndsWith("+05:30", late.GetProperty("hour_start").GetString(), StringComparison.Ordinal);
        }

        var listed = await AlertsAsync(owner, device, "&late=true&limit=1000");
        Assert.Equal(168, listed.Length);
        Assert.All(listed, alert => Assert.True(alert.GetProperty("late").GetBoolean()));
        Assert.False(Assert.Single(await AlertsAsync(owner, device, "&late=false")).GetProperty("late").GetBoolean());
        Assert.True((await events.TakeAsync(data =>
            data.GetProperty("device_id").GetGuid() == device && data.GetProperty("hour_start").GetDateTimeOffset() == first)).GetProperty("late").GetBoolean());
    }

    [Theory]
    [InlineData(600, 130, false)]
    [InlineData(600, 131, true)]
    [InlineData(86_400, 1559, false)]
    [InlineData(86_400, 1561, true)]
    public async Task An_hour_is_late_when_its_readings_come_an_hour_after_their_interval(int interval, int minutesAfterStart, bool isLate)
    {
        var device = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(device) with { ReportingIntervalSeconds = interval }, version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(known => known.Id == device)), "the device is known");
        // Three kWh in each hour.
        var parsed = new ParsedReading(new Reading(device, Morning, 3_000_000L * Math.Max(interval / 3600, 1)), Reason: null, Detail: null);
        var now = Morning.AddMinutes(minutesAfterStart).AddSeconds(isLate ? 1 : 0);

        var raised = await StoreAsync(now, new ArrivedReading([], now, parsed));

        Assert.Equal(isLate, Assert.Single(raised, alert => alert.Alert.HourStart == Morning).Alert.IsLate);
    }

    [Fact]
    public async Task A_limit_beyond_all_measure_holds_up_no_reading()
    {
        var device = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(device) with { MaxConsumption = decimal.MaxValue, ReportingIntervalSeconds = 1 }, version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(known => known.Id == device)), "the device is known");
        // All in one hour, which may be running.
        var start = DateTimeOffset.UtcNow.AddMinutes(-2);

        await monitoring.PublishAsync(Enumerable.Range(0, 120).Select(second => MonitoringFixture.Reading(device, start.AddSeconds(second), 10_000m)));

        await CountedAsync(device, 120);
        Assert.Empty(await AlertsAsync(DevelopmentData.Admin, device));
    }

    [Fact]
    public async Task An_hour_that_is_over_is_not_extrapolated()
    {
        var device = await monitoring.DeviceAsync();

        await monitoring.PublishAsync(Reading(device, 0, 0.9m), Reading(device, 10, 0.9m));
        await CountedAsync(device, 2);

        Assert.Empty(await AlertsAsync(DevelopmentData.Admin, device));
    }

    [Fact]
    public async Task Who_may_see_the_device_takes_note_of_its_alert_and_to_others_it_looks_absent()
    {
        var device = await monitoring.DeviceAsync("UTC", DevelopmentData.Alice);
        await monitoring.PublishAsync(Reading(device, 0, 3m));
        var alert = (await Eventually.GetAsync(() => AlertsAsync(DevelopmentData.Alice, device), alerts => alerts.Length == 1, "the alert is listed"))[0];
        var path = new Uri($"/api/monitoring/alerts/{alert.GetProperty("id").GetGuid()}/acknowledge", UriKind.Relative);

        using var bob = monitoring.Service.ClientOf(DevelopmentData.Bob);
        Assert.Empty(await AlertsAsync(DevelopmentData.Bob, device));
        Assert.Equal(HttpStatusCode.NotFound, (await bob.PostAsync(path, content: null)).StatusCode);
        Assert.Equal(JsonValueKind.Null, (await AlertsAsync(DevelopmentData.Alice, device))[0].GetProperty("acknowledged_at").ValueKind);

        using var alice = monitoring.Service.ClientOf(DevelopmentData.Alice);
        var noted = await (await alice.PostAsync(path, content: null)).Content.ReadFromJsonAsync<JsonElement>();
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        var again = await (await admin.PostAsync(path, content: null)).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(DevelopmentData.Alice, noted.GetProperty("acknowledged_by").GetGuid());
        Assert.Equal(noted.GetRawText(), again.GetRawText());
        Assert.Empty(await AlertsAsync(DevelopmentData.Alice, device, "&acknowledged=false"));
        Assert.Single(await AlertsAsync(DevelopmentData.Alice, device, "&acknowledged=true"));
    }

    [Fact]
    public async Task An_alert_names_its_device_also_when_that_is_deleted()
    {
        var device = await monitoring.DeviceAsync("Asia/Kolkata");
        await monitoring.PublishAsync(Reading(device, 0, 3m));
        var alert = (await Eventually.GetAsync(() => AlertsAsync(DevelopmentData.Admin, device), alerts => alerts.Length == 1, "the alert is listed"))[0];
        Assert.NotEmpty(alert.GetProperty("device_name").GetString()!);
        Assert.Equal("Asia/Kolkata", alert.GetProperty("time_zone").GetString());
        Assert.False(alert.GetProperty("device_deleted").GetBoolean());

        await monitoring.AnnounceAsync(new DeviceDeleted(device), version: 2);

        var later = (await Eventually.GetAsync(
            () => AlertsAsync(DevelopmentData.Admin, device), alerts => alerts[0].GetProperty("device_deleted").GetBoolean(), "the device is deleted"))[0];
        Assert.Equal(alert.GetProperty("device_name").GetString(), later.GetProperty("device_name").GetString());
    }

    [Fact]
    public async Task Alerts_are_listed_by_time_and_page_and_a_wrong_filter_is_named()
    {
        var device = await monitoring.DeviceAsync();
        // As readings come that were kept back: the hours are not over their limits in the order of time.
        foreach (var number in Enumerable.Range(0, 3))
        {
            await monitoring.PublishAsync(Reading(device, number switch { 0 => 60, 1 => 0, _ => 120 }, 3m));
            await CountedAsync(device, number + 1);
        }

        Assert.Equal(
            [Morning.AddHours(1)],
            (await AlertsAsync(DevelopmentData.Admin, device, $"&from={Morning.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}&to={Morning.AddHours(2):yyyy-MM-ddTHH:mm:ssZ}"))
                .Select(alert => alert.GetProperty("hour_start").GetDateTimeOffset()));

        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        var seen = new List<DateTimeOffset>();
        for (var next = $"/api/monitoring/alerts?device_id={device}&limit=2"; next is not null;)
        {
            using var page = await admin.GetAsync(new Uri(next, UriKind.Relative));
            seen.AddRange((await page.Content.ReadFromJsonAsync<JsonElement[]>())!.Select(alert => alert.GetProperty("hour_start").GetDateTimeOffset()));
            next = page.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal([Morning.AddHours(2), Morning.AddHours(1), Morning], seen);

        using var refused = await admin.GetAsync(new Uri("/api/monitoring/alerts?device_id=x&acknowledged=maybe&from=soon&to=later&after=AAAAAAAAAAAAAAAAAAAAAA", UriKind.Relative));
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(["acknowledged", "after", "device_id", "from", "to"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
    }

    private static string Reading(Guid device, int minutes, decimal energy) => MonitoringFixture.Reading(device, Morning.AddMinutes(minutes), energy);

    private Task<int> CountedAsync(Guid device, int readings) => Eventually.GetAsync(
        () => monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.ReadingCount)),
        counted => counted == readings, $"{readings} readings are counted");

    private async Task<JsonElement[]> AlertsAsync(Guid caller, Guid device, string filter = "")
    {
        using var client = monitoring.Service.ClientOf(caller);
        return (await client.GetFromJsonAsync<JsonElement[]>(new Uri($"/api/monitoring/alerts?device_id={device}{filter}", UriKind.Relative)))!;
    }
}
