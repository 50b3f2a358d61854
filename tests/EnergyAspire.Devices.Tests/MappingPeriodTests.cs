using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Tests;

/// <summary>When a device belonged to whom: what an assignment begins, what ends it, and what an admin corrects.</summary>
public sealed class MappingPeriodTests(ChangingService service) : IClassFixture<ChangingService>
{
    private static readonly DateTimeOffset LastWeek = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(-7);

    [Fact]
    public async Task An_assignment_begins_now_or_when_it_says_and_ends_when_it_is_taken_away()
    {
        var (user, device, other) = (await service.NewUserAsync(), await service.NewDeviceAsync(), await service.NewDeviceAsync());
        var before = DateTimeOffset.UtcNow;

        var now = await PeriodsAsync(await service.AssignAsync(user, device));
        var then = await PeriodsAsync(await AssignAsync(user, other, LastWeek.ToOffset(TimeSpan.FromHours(5.5))));
        await TakeAwayAsync(user, device);

        Assert.InRange(Assert.Single(now).From!.Value, before.AddSeconds(-1), DateTimeOffset.UtcNow);
        Assert.Equal([(LastWeek, null)], then);
        var ended = Assert.Single(await EndedAsync(device));
        Assert.False(ended.GetProperty("is_assigned").GetBoolean());
        Assert.Equal(now[0].From, Assert.Single(PeriodsOf(ended)).From);
        Assert.InRange(PeriodsOf(ended)[0].Until!.Value, now[0].From!.Value, DateTimeOffset.UtcNow);
        Assert.Empty(await EndedAsync(other));
        var events = await service.EventsOfAsync(device);
        Assert.Equal(now, PeriodsOf(events.Single(seen => seen.Type == "device_assigned").Data));
        Assert.Equal(PeriodsOf(ended), PeriodsOf(events.Single(seen => seen.Type == "device_unassigned").Data));
    }

    [Fact]
    public async Task Who_gets_a_device_again_keeps_the_first_time_and_periods_that_overlap_become_one()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await AssignAsync(user, device, LastWeek);
        await TakeAwayAsync(user, device);
        var again = await PeriodsAsync(await service.AssignAsync(user, device));
        await TakeAwayAsync(user, device);
        var joined = await PeriodsAsync(await AssignAsync(user, device, LastWeek.AddHours(1)));

        Assert.Equal(2, again.Length);
        Assert.Equal((LastWeek, (DateTimeOffset?)null), (again[0].From, again[1].Until));
        Assert.Equal([(LastWeek, null)], joined);
    }

    [Fact]
    public async Task An_assignment_does_not_begin_in_the_future_or_before_there_were_meters()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());

        foreach (var from in new[] { DateTimeOffset.UtcNow.AddHours(1), DateTimeOffset.MinValue })
        {
            using var answer = await AssignAsync(user, device, from);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(["from"], await answer.FieldsInErrorAsync());
        }

        Assert.Empty(await service.EventsOfAsync(user));
    }

    [Fact]
    public async Task An_admin_extends_a_mapping_into_the_past_once_and_it_is_audited()
    {
        var (user, device) = (await service.NewUserAsync("olga"), await service.NewDeviceAsync("Boiler"));
        var first = await PeriodsAsync(await service.AssignAsync(user, device));

        var changed = await PeriodsAsync(await ChangeAsync(user, device, (null, LastWeek.AddTicks(3)), (LastWeek.AddDays(1), null)));
        var again = await PeriodsAsync(await ChangeAsync(user, device, (null, LastWeek.AddTicks(7)), (LastWeek.AddDays(1), null)));

        Assert.Equal([(null, LastWeek), (LastWeek.AddDays(1), null)], changed);
        Assert.Equal(changed, again);
        var seen = (await service.EventsOfAsync(user))[^1];
        Assert.Equal(("device_assigned", 2L), (seen.Type, seen.Version));
        Assert.Equal(changed, PeriodsOf(seen.Data));
        var record = (await service.AuditAsync($"user_id={user}"))[0];
        Assert.Equal("mapping_periods_changed", record.GetProperty("action").GetString());
        Assert.Equal(first, PeriodsOf(record.GetProperty("before")));
        Assert.Equal(changed, PeriodsOf(record.GetProperty("after")));
    }

    [Fact]
    public async Task The_periods_of_a_mapping_that_has_ended_are_corrected_too()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await service.AssignAsync(user, device);
        await TakeAwayAsync(user, device);

        var changed = await PeriodsAsync(await ChangeAsync(user, device, (LastWeek, LastWeek.AddDays(2))));

        Assert.Equal([(LastWeek, LastWeek.AddDays(2))], changed);
        var seen = (await service.EventsOfAsync(user))[^1];
        Assert.Equal(("device_unassigned", 3L), (seen.Type, seen.Version));
        Assert.Equal(changed, PeriodsOf(seen.Data));
    }

    [Fact]
    public async Task A_mapping_that_was_a_mistake_leaves_nothing()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await AssignAsync(user, device, LastWeek);
        await TakeAwayAsync(user, device);

        Assert.Empty(await PeriodsAsync(await ChangeAsync(user, device)));

        Assert.Empty(await EndedAsync(device));
        Assert.Empty(PeriodsOf((await service.EventsOfAsync(user))[^1].Data));
    }

    /// <summary>A replica of the former version changes nothing but <c>is_assigned</c>.</summary>
    [Fact]
    public async Task What_a_replica_of_the_former_version_does_is_understood()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await AssignAsync(user, device, LastWeek);
        await RunAsync($"update mappings set is_assigned = false, version = 2 where user_id = {user}");
        Assert.Empty(await EndedAsync(device));

        var again = await PeriodsAsync(await service.AssignAsync(user, device));
        await TakeAwayAsync(user, device);
        await RunAsync($"update mappings set is_assigned = true, version = 5, assigned_at = {LastWeek} where user_id = {user}");
        using var listed = await service.Admin.GetAsync(new Uri($"/api/mappings?device_id={device}", UriKind.Relative));

        Assert.True(Assert.Single(again).From > LastWeek);
        Assert.Equal((LastWeek, null), PeriodsOf(Assert.Single((await listed.JsonAsync()).EnumerateArray()))[^1]);

        Task<int> RunAsync(FormattableString sql) => service.Host.WithAsync(db => db.Database.ExecuteSqlAsync(sql));
    }

    [Fact]
    public async Task Periods_that_contradict_each_other_the_present_or_the_assignment_are_refused()
    {
        var (user, device, ended) = (await service.NewUserAsync(), await service.NewDeviceAsync(), await service.NewDeviceAsync());
        await service.AssignAsync(user, device);
        await service.AssignAsync(user, ended);
        await TakeAwayAsync(user, ended);
        var soon = DateTimeOffset.UtcNow.AddHours(1);

        foreach (var periods in ((DateTimeOffset? From, DateTimeOffset? Until)[][])
        [
            [], [(LastWeek, LastWeek), (LastWeek.AddDays(1), null)], [(LastWeek.AddDays(1), LastWeek)], [(soon, null)], [(LastWeek, soon)], [(LastWeek, LastWeek.AddDays(1))], [(DateTimeOffset.MinValue, null)],
            [(LastWeek, null), (LastWeek.AddDays(1), null)], [(LastWeek, LastWeek.AddDays(1)), (LastWeek.AddDays(1), null)], [(null, LastWeek), (null, null)],
        ])
        {
            using var answer = await ChangeAsync(user, device, periods);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(["periods"], await answer.FieldsInErrorAsync());
        }

        using var open = await ChangeAsync(user, ended, (LastWeek, null));
        Assert.Equal(HttpStatusCode.BadRequest, open.StatusCode);
        Assert.Single(await service.EventsOfAsync(device), seen => seen.Type == "device_assigned");
    }

    [Fact]
    public async Task Only_an_admin_corrects_and_only_what_there_is()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());

        using var none = await ChangeAsync(user, device, (LastWeek, null));
        await service.AssignAsync(user, device);
        using var client = service.Host.ClientOf(DevelopmentData.Alice);
        using var refused = await client.PutAsJsonAsync(new Uri($"/api/mappings/{user}/{device}", UriKind.Relative), Body((LastWeek, null)));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Forbidden), (none.StatusCode, refused.StatusCode));
    }

    [Fact]
    public async Task A_deletion_of_an_account_that_is_undone_leaves_no_gap()
    {
        var (user, device, saga) = (await service.NewUserAsync(), await service.NewDeviceAsync(), Guid.NewGuid());
        var before = await PeriodsAsync(await service.AssignAsync(user, device));

        await service.StepAsync(HttpMethod.Delete, user, saga);
        await service.StepAsync(HttpMethod.Delete, user, saga, path: "/rollback");

        using var listed = await service.Admin.GetAsync(new Uri($"/api/mappings?device_id={device}", UriKind.Relative));
        Assert.Equal(before, PeriodsOf(Assert.Single((await listed.JsonAsync()).EnumerateArray())));
    }

    [Fact]
    public async Task Whether_ended_mappings_are_listed_is_true_or_false()
    {
        using var answer = await service.Admin.GetAsync(new Uri("/api/mappings?ended=perhaps", UriKind.Relative));

        Assert.Equal(["ended"], await answer.FieldsInErrorAsync());
    }

    /// <summary>Only on request: a Monitoring of an older version takes each listed mapping for one that stands.</summary>
    [Fact]
    public async Task Replicas_get_mappings_that_have_ended_when_they_ask_for_them()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await service.AssignAsync(user, device);
        await service.Admin.DeleteAsync(new Uri($"/api/mappings/{user}/{device}", UriKind.Relative));

        bool IsOfUser(JsonElement mapping) => mapping.GetProperty("user_id").GetGuid() == user;
        var ended = Assert.Single(await ListedAsync("?ended=true&limit=1000"), IsOfUser);

        Assert.DoesNotContain(await ListedAsync("?limit=1000"), IsOfUser);
        Assert.False(ended.GetProperty("is_assigned").GetBoolean());
        Assert.Equal(2, ended.GetProperty("version").GetInt64());
        var period = Assert.Single(ended.GetProperty("periods").EnumerateArray());
        Assert.True(period.GetProperty("from").GetDateTimeOffset() < period.GetProperty("until").GetDateTimeOffset());
    }

    private async Task<List<JsonElement>> ListedAsync(string query)
    {
        using var replica = service.Host.ClientWith(TestTokens.ForReplica());
        return (await replica.GetFromJsonAsync<List<JsonElement>>(new Uri($"/internal/mappings{query}", UriKind.Relative)))!;
    }

    private Task<HttpResponseMessage> AssignAsync(Guid user, Guid device, DateTimeOffset from) =>
        service.Admin.PostAsJsonAsync("/api/mappings/assign", new { user_id = user, device_id = device, from });

    private Task<HttpResponseMessage> ChangeAsync(Guid user, Guid device, params (DateTimeOffset? From, DateTimeOffset? Until)[] periods) =>
        service.Admin.PutAsJsonAsync(new Uri($"/api/mappings/{user}/{device}", UriKind.Relative), Body(periods));

    private async Task TakeAwayAsync(Guid user, Guid device) =>
        (await service.Admin.DeleteAsync(new Uri($"/api/mappings/{user}/{device}", UriKind.Relative))).EnsureSuccessStatusCode();

    private async Task<JsonElement[]> EndedAsync(Guid device)
    {
        using var answer = await service.Admin.GetAsync(new Uri($"/api/mappings?device_id={device}&ended=true", UriKind.Relative));
        return [.. (await answer.EnsureSuccessStatusCode().JsonAsync()).EnumerateArray()];
    }

    private static object Body(params (DateTimeOffset? From, DateTimeOffset? Until)[] periods) =>
        new { periods = periods.Select(period => new { from = period.From, until = period.Until }) };

    private static async Task<(DateTimeOffset? From, DateTimeOffset? Until)[]> PeriodsAsync(HttpResponseMessage answer)
    {
        using (answer)
            return PeriodsOf((await answer.EnsureSuccessStatusCode().JsonAsync()).GetProperty("mapping"));
    }

    private static (DateTimeOffset? From, DateTimeOffset? Until)[] PeriodsOf(JsonElement mapping) =>
        [.. mapping.GetProperty("periods").EnumerateArray().Select(period => (Time(period, "from"), Time(period, "until")))];

    private static DateTimeOffset? Time(JsonElement period, string field) =>
        period.TryGetProperty(field, out var time) && time.ValueKind != JsonValueKind.Null ? time.GetDateTimeOffset() : null;
}
