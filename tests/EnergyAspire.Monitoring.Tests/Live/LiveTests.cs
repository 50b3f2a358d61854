using System.Net;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Live;

public sealed class LiveTests(MonitoringFixture monitoring)
{
    private static readonly Uri Hub = new("/api/monitoring/live", UriKind.Relative);

    // An hour that began long enough ago for every reading of it to be expected, and not so long that its partition is missing.
    private static readonly DateTimeOffset Hour = new(DateTime.UtcNow.Date.AddHours(DateTime.UtcNow.Hour - 2), TimeSpan.Zero);

    [Fact]
    public async Task A_published_reading_is_seen_with_its_hour_within_a_second()
    {
        var owner = Guid.NewGuid();
        var device = await monitoring.DeviceAsync("Asia/Kolkata", owner);
        // There the hour starts at half past.
        var start = Hour.AddMinutes(30);
        await StoredAsync(device, start, 0.25m);
        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, owner);

        await monitoring.PublishAsync(MonitoringFixture.Reading(device, start.AddMinutes(20), 0.5m));

        var state = await viewer.SeesAsync(device, start.AddMinutes(20), TimeSpan.FromSeconds(1));
        Assert.Equal(0.5m, state.GetProperty("measurement_value").GetDecimal());
        Assert.EndsWith("+05:30", state.GetProperty("timestamp").GetString(), StringComparison.Ordinal);
        var hour = state.GetProperty("hour");
        Assert.Equal(start, hour.GetProperty("start").GetDateTimeOffset());
        Assert.Contains(":00:00+05:30", hour.GetProperty("start").GetString(), StringComparison.Ordinal);
        Assert.Equal(0.75m, hour.GetProperty("total_consumption").GetDecimal());
        Assert.Equal(2, hour.GetProperty("measurement_count").GetInt32());
        Assert.Equal(6, hour.GetProperty("expected_count").GetInt32());
    }

    [Fact]
    public async Task Who_connects_is_shown_their_devices_as_they_stand()
    {
        var owner = Guid.NewGuid();
        var recent = await monitoring.DeviceAsync(owners: owner);
        var silent = await monitoring.DeviceAsync(owners: owner);
        var empty = await monitoring.DeviceAsync(owners: owner);
        await StoredAsync(recent, Hour, 1m);
        await StoredAsync(silent, Hour.AddDays(-40), 2m);

        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, owner);

        Assert.Equal(1m, Assert.Single(viewer.Of(recent)).State.GetProperty("measurement_value").GetDecimal());
        Assert.Equal(Hour.AddDays(-40), Assert.Single(viewer.Of(silent)).State.GetProperty("timestamp").GetDateTimeOffset());
        Assert.Empty(viewer.Of(empty));
    }

    [Fact]
    public async Task A_late_reading_changes_no_latest_one()
    {
        var owner = Guid.NewGuid();
        var device = await monitoring.DeviceAsync(owners: owner);
        await StoredAsync(device, Hour.AddMinutes(20), 1m);
        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, owner);
        var before = viewer.Of(device).Count;

        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Hour, 2m));

        await Eventually.TrueAsync(
            () => Task.FromResult(viewer.Of(device).Any(push => push.State.GetProperty("hour").GetProperty("measurement_count").GetInt32() == 2)),
            "the hour is seen to grow");
        Assert.All(viewer.Of(device).Skip(before), push => Assert.Equal(Hour.AddMinutes(20), push.State.GetProperty("timestamp").GetDateTimeOffset()));
    }

    [Fact]
    public async Task Nobody_is_told_of_another_s_device_whatever_they_ask_for()
    {
        var (owner, stranger) = (Guid.NewGuid(), Guid.NewGuid());
        var device = await monitoring.DeviceAsync(owners: owner);
        var own = await monitoring.DeviceAsync(owners: stranger);
        await StoredAsync(device, Hour, 1m);
        await using var asking = await Viewer.ConnectAsync(monitoring.Service, stranger);
        await using var silent = await Viewer.ConnectAsync(monitoring.Service, stranger);
        await asking.WatchAsync(device, own, Guid.NewGuid());

        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Hour.AddMinutes(10), 1m), MonitoringFixture.Reading(own, Hour.AddMinutes(10), 1m));

        await asking.SeesAsync(own, Hour.AddMinutes(10));
        await silent.SeesAsync(own, Hour.AddMinutes(10));
        await monitoring.PublishAsync(MonitoringFixture.Reading(own, Hour.AddMinutes(20), 1m));
        await asking.SeesAsync(own, Hour.AddMinutes(20));
        Assert.Empty(asking.Of(device));
        Assert.Empty(silent.Of(device));
    }

    [Fact]
    public async Task A_mapping_taken_away_stops_the_stream_within_two_seconds()
    {
        var owner = Guid.NewGuid();
        var device = await monitoring.DeviceAsync(owners: owner);
        var other = await monitoring.DeviceAsync(owners: owner);
        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, owner);
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Hour, 1m));
        await viewer.SeesAsync(device, Hour);

        await monitoring.AnnounceAsync(new DeviceUnassigned(owner, device), version: 1000);
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(db => db.Mappings.AnyAsync(mapping => mapping.DeviceId == device && !mapping.IsAssigned)), "the mapping is gone",
            TimeSpan.FromSeconds(1));
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var told = viewer.Of(device).Count;
        await monitoring.PublishAsync(
            MonitoringFixture.Reading(device, Hour.AddMinutes(10), 1m), MonitoringFixture.Reading(other, Hour.AddMinutes(10), 1m));

        await viewer.SeesAsync(other, Hour.AddMinutes(10));
        await monitoring.PublishAsync(MonitoringFixture.Reading(other, Hour.AddMinutes(20), 1m));
        await viewer.SeesAsync(other, Hour.AddMinutes(20));
        Assert.Equal(told, viewer.Of(device).Count);
    }

    [Fact]
    public async Task A_device_that_is_assigned_while_one_watches_is_seen()
    {
        var owner = Guid.NewGuid();
        var device = await monitoring.DeviceAsync();
        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, owner);

        await monitoring.AnnounceAsync(new DeviceAssigned(owner, device), version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Mappings.AnyAsync(mapping => mapping.DeviceId == device)), "the mapping is known");
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Hour, 1m));

        await viewer.SeesAsync(device, Hour);
    }

    [Fact]
    public async Task A_device_is_pushed_at_most_twice_a_second_and_the_last_push_has_everything()
    {
        var owner = Guid.NewGuid();
        var device = await monitoring.DeviceAsync(owners: owner);
        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, owner);

        foreach (var number in Enumerable.Range(0, 100))
        {
            await monitoring.PublishAsync(MonitoringFixture.Reading(device, Hour.AddSeconds(number), 0.001m));
            await Task.Delay(TimeSpan.FromMilliseconds(40), TestContext.Current.CancellationToken);
        }

        var last = await viewer.SeesAsync(device, Hour.AddSeconds(99));
        Assert.Equal(0.1m, last.GetProperty("hour").GetProperty("total_consumption").GetDecimal());
        var times = viewer.Of(device).ConvertAll(push => push.At);
        // Four seconds of readings: the stream moves all the time, and any two pushes are half a second apart but for the way here.
        Assert.InRange(times.Count, 4, (int)((times[^1] - times[0]) / TimeSpan.FromMilliseconds(500)) + 2);
        Assert.All(times.Zip(times.Skip(2)), pair => Assert.True(pair.Second - pair.First > TimeSpan.FromMilliseconds(800), "three pushes in a second"));
    }

    [Fact]
    public async Task A_replica_pushes_what_another_one_stored()
    {
        var owner = Guid.NewGuid();
        var device = await monitoring.DeviceAsync(owners: owner);
        await using var replica = monitoring.StartService();
        await replica.WaitUntilReadyAsync();
        await using var here = await Viewer.ConnectAsync(monitoring.Service, owner);
        await using var there = await Viewer.ConnectAsync(replica, owner);

        // Whichever of the two takes a reading, both see it.
        foreach (var minute in Enumerable.Range(0, 6))
        {
            var timestamp = Hour.AddMinutes(minute * 10);
            await monitoring.PublishAsync(MonitoringFixture.Reading(device, timestamp, 1m));
            await Task.WhenAll(here.SeesAsync(device, timestamp), there.SeesAsync(device, timestamp));
        }
    }

    [Fact]
    public async Task An_admin_is_told_of_every_device_that_changes_or_of_those_asked_for()
    {
        var (asked, other) = (await monitoring.DeviceAsync(), await monitoring.DeviceAsync());
        await StoredAsync(asked, Hour, 1m);
        await using var all = await Viewer.ConnectAsync(monitoring.Service, Guid.NewGuid(), Roles.Admin);
        await using var some = await Viewer.ConnectAsync(monitoring.Service, Guid.NewGuid(), Roles.Admin);

        await some.WatchAsync(asked);
        await some.SeesAsync(asked, Hour);
        await monitoring.PublishAsync(MonitoringFixture.Reading(other, Hour.AddMinutes(10), 1m));
        await all.SeesAsync(other, Hour.AddMinutes(10));
        await monitoring.PublishAsync(MonitoringFixture.Reading(asked, Hour.AddMinutes(20), 1m));

        await all.SeesAsync(asked, Hour.AddMinutes(20));
        await some.SeesAsync(asked, Hour.AddMinutes(20));
        Assert.Empty(some.Of(other));
    }

    [Fact]
    public async Task An_alert_reaches_who_may_see_its_device_at_every_replica()
    {
        var (owner, stranger) = (Guid.NewGuid(), Guid.NewGuid());
        var device = await monitoring.DeviceAsync("Asia/Kolkata", owner);
        await using var replica = monitoring.StartService();
        await replica.WaitUntilReadyAsync();
        await using var here = await Viewer.ConnectAsync(monitoring.Service, owner);
        await using var there = await Viewer.ConnectAsync(replica, owner);
        await using var admin = await Viewer.ConnectAsync(replica, Guid.NewGuid(), Roles.Admin);
        await using var other = await Viewer.ConnectAsync(replica, stranger);
        // What isn't asked for isn't told of, but alerts are.
        await there.WatchAsync();

        await monitoring.PublishAsync(MonitoringFixture.Reading(device, Hour.AddDays(-1), 3m));

        foreach (var viewer in new[] { here, there, admin })
        {
            await Eventually.TrueAsync(() => Task.FromResult(viewer.Alerts.Any(IsOfDevice)), "the alert is seen", TimeSpan.FromSeconds(5));
            var alert = Assert.Single(viewer.Alerts, alert => IsOfDevice(alert));
            Assert.Equal("exceeded", alert.GetProperty("kind").GetString());
            Assert.Equal(3m, alert.GetProperty("energy").GetDecimal());
        }

        Assert.Empty(other.Alerts);

        bool IsOfDevice(JsonElement alert) => alert.GetProperty("device_id").GetGuid() == device;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_locked_or_deleted_is_disconnected_within_two_seconds(bool isDeleted)
    {
        var account = Guid.NewGuid();
        await monitoring.AnnounceAsync(new UserCreated(account, "viewer", Roles.Client, TokenGeneration: 1), version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Users.AnyAsync(user => user.Id == account)), "the account is known");
        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, account);
        await using var other = await Viewer.ConnectAsync(monitoring.Service, Guid.NewGuid());

        if (isDeleted)
            await monitoring.AnnounceAsync(new UserDeleted(account), version: 2);
        else
            await monitoring.AnnounceAsync(new UserUpdated(account, "viewer", Roles.Client, TokenGeneration: 2), version: 2);

        await viewer.IsClosedAsync(TimeSpan.FromSeconds(2));
        Assert.False(other.IsClosed);
        // A standing is remembered for a second.
        using var client = monitoring.Service.ClientOf(account);
        await Eventually.TrueAsync(async () => (await client.GetAsync(Hub)).StatusCode == HttpStatusCode.Unauthorized, "the token is worthless");
    }

    [Fact]
    public async Task A_connection_ends_with_its_token()
    {
        var token = TestTokens.Issue(
            new Dictionary<string, object> { ["sub"] = Guid.NewGuid().ToString(), ["role"] = Roles.Client, [TokenConventions.Generation] = 1 },
            expires: DateTime.UtcNow.AddSeconds(2));

        await using var viewer = await Viewer.ConnectAsync(monitoring.Service, token);

        await viewer.IsClosedAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Two_hundred_watchers_are_told_at_once_and_each_only_of_their_own()
    {
        var owners = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();
        var devices = await Task.WhenAll(owners.Select(owner => monitoring.DeviceAsync(owners: owner)));
        var viewers = await Task.WhenAll(owners.SelectMany(owner => Enumerable.Range(0, 10).Select(_ => Viewer.ConnectAsync(monitoring.Service, owner))));

        await monitoring.PublishAsync(devices.Select(device => MonitoringFixture.Reading(device, Hour, 1m)));

        await Task.WhenAll(viewers.Select((viewer, number) => viewer.SeesAsync(devices[number / 10], Hour, TimeSpan.FromSeconds(5))));
        Assert.All(viewers.Index(), viewer => Assert.All(
            devices.Where(device => device != devices[viewer.Index / 10]), device => Assert.Empty(viewer.Item.Of(device))));
        foreach (var viewer in viewers)
            await viewer.DisposeAsync();
    }

    [Fact]
    public async Task An_account_cannot_have_any_number_of_connections_or_ask_for_any_number_of_devices()
    {
        var account = Guid.NewGuid();
        var viewers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Viewer.ConnectAsync(monitoring.Service, account)));

        await using var refused = await Viewer.ConnectAsync(monitoring.Service, TestTokens.ForAccount(account, "viewer", Roles.Client), isShown: false);
        await refused.IsClosedAsync();
        await viewers[0].WatchAsync([.. Enumerable.Range(0, 1000).Select(_ => Guid.NewGuid())]);
        await Assert.ThrowsAsync<HubException>(() => viewers[0].WatchAsync([.. Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid())]));

        await Task.WhenAll(viewers.Select(viewer => viewer.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Without_a_socket_or_a_token_the_answer_is_clear()
    {
        using var nobody = monitoring.Service.CreateClient();
        using var client = monitoring.Service.ClientOf(Guid.NewGuid());

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(Hub)).StatusCode);
        using var polled = await client.GetAsync(Hub);

        Assert.Equal(HttpStatusCode.BadRequest, polled.StatusCode);
        Assert.Contains("Connection ID required", await polled.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task StoredAsync(Guid device, DateTimeOffset timestamp, decimal kilowattHours)
    {
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, timestamp, kilowattHours));
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(db => db.Hours.AnyAsync(hour => hour.DeviceId == device && hour.HourStart <= timestamp && hour.HourStart > timestamp.AddHours(-1))),
            "the reading is stored");
    }
}
