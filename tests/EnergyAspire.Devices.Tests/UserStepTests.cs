using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Users;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Tests;

public sealed class UserStepTests(ChangingService service) : IClassFixture<ChangingService>
{
    private const string Rollback = "/rollback";

    [Fact]
    public async Task A_registration_that_is_undone_leaves_nothing()
    {
        var (user, saga, device) = (Guid.CreateVersion7(), Guid.NewGuid(), await service.NewDeviceAsync());
        Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Put, user, saga, ChangingService.Copy("eva")));
        Assert.Equal(("eva", 1, 1, false), await CopyAsync(user));
        await service.AssignAsync(user, device);

        Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Delete, user, saga, path: Rollback));

        Assert.Null(await CopyAsync(user));
        Assert.Equal([("device_assigned", 1), ("device_unassigned", 2)], (await service.EventsOfAsync(user)).Select(seen => (seen.Type, seen.Version)));
        Assert.Equal(HttpStatusCode.Conflict, await StepAsync(HttpMethod.Put, user, saga, ChangingService.Copy("eva")));
        Assert.Null(await CopyAsync(user));
    }

    [Fact]
    public async Task A_registration_that_has_ended_is_not_undone()
    {
        var (user, saga) = (Guid.CreateVersion7(), Guid.NewGuid());
        await StepAsync(HttpMethod.Put, user, saga, ChangingService.Copy("fred"));
        await service.Host.WithAsync(async db =>
        {
            await UserReplicas.Apply(new EventEnvelope<UserCreated>(Guid.NewGuid(), UserCreated.EventType, DateTimeOffset.UtcNow, 1, new(user, "fred", "client", 1)), db, default);
            return 0;
        });

        Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Delete, user, saga, path: Rollback));

        Assert.Equal(("fred", 1, 1, false), await CopyAsync(user));
    }

    [Fact]
    public async Task A_step_that_comes_after_its_compensation_is_refused()
    {
        foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Delete])
        {
            var (user, device, saga) = (await service.NewUserAsync("gina"), await service.NewDeviceAsync(), Guid.NewGuid());
            await service.AssignAsync(user, device);

            Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Delete, user, saga, path: Rollback));
            using var late = await service.StepAsync(method, user, saga, ChangingService.Copy("late", version: 5));

            Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
            Assert.Equal("The saga was undone.", (await late.JsonAsync()).GetProperty("detail").GetString());
            Assert.Equal(("gina", 1, 1, false), await CopyAsync(user));
            Assert.Single(await service.EventsOfAsync(user));
        }
    }

    [Fact]
    public async Task An_update_that_is_undone_gives_the_former_version_back()
    {
        var (user, saga) = (await service.NewUserAsync("hans"), Guid.NewGuid());

        await StepAsync(HttpMethod.Put, user, saga, ChangingService.Copy("hanna", "admin", version: 2, generation: 2));
        Assert.Equal(("hanna", 2, 2, false), await CopyAsync(user));
        await StepAsync(HttpMethod.Delete, user, saga, path: Rollback);

        Assert.Equal(("hans", 1, 1, false), await CopyAsync(user));
    }

    [Fact]
    public async Task What_is_newer_than_a_step_is_not_undone_with_it()
    {
        var (user, saga) = (await service.NewUserAsync("ida"), Guid.NewGuid());
        await StepAsync(HttpMethod.Put, user, saga, ChangingService.Copy("iris", version: 2));
        await StepAsync(HttpMethod.Put, user, Guid.NewGuid(), ChangingService.Copy("ines", version: 3));

        await StepAsync(HttpMethod.Delete, user, saga, path: Rollback);

        Assert.Equal(("ines", 3, 1, false), await CopyAsync(user));
    }

    [Fact]
    public async Task A_deletion_takes_every_device_away_and_its_compensation_brings_exactly_those_back()
    {
        var (user, saga) = (await service.NewUserAsync("jan"), Guid.NewGuid());
        Guid[] devices = [await service.NewDeviceAsync(), await service.NewDeviceAsync(), await service.NewDeviceAsync(), await service.NewDeviceAsync()];
        foreach (var device in devices)
            await service.AssignAsync(user, device);
        var (takenBefore, deletedMeanwhile) = (devices[0], devices[1]);
        await service.Admin.DeleteAsync(new Uri($"/api/mappings/{user}/{takenBefore}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Delete, user, saga, path: "?version=7"));
        Assert.Equal(("", 7, 0, true), await CopyAsync(user));
        Assert.Empty(await DevicesOfAsync(user));
        Assert.Equal(4, (await service.EventsOfAsync(user)).Count(seen => seen.Type == "device_unassigned"));

        await service.ChangeAsync(HttpMethod.Delete, deletedMeanwhile);
        Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Delete, user, saga, path: Rollback));
        Assert.Equal(("jan", 1, 1, false), await CopyAsync(user));
        Assert.Equal(devices[2..].Order(), await DevicesOfAsync(user));
        Assert.Equal(
            devices[2..].Order(),
            (await service.EventsOfAsync(user)).FindAll(seen => seen is { Type: "device_assigned", Version: 3 }).Select(seen => seen.Id("device_id")!.Value).Order());
        var before = (await service.EventsOfAsync(user)).Count;

        Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Delete, user, saga, path: Rollback));
        Assert.Equal(HttpStatusCode.Conflict, await StepAsync(HttpMethod.Delete, user, saga));
        Assert.Equal(before, (await service.EventsOfAsync(user)).Count);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("?version=1", 2)]
    [InlineData("?version=9", 9)]
    public async Task A_tombstone_is_newer_than_what_it_buries(string path, long version)
    {
        var user = await service.NewUserAsync();

        await StepAsync(HttpMethod.Delete, user, Guid.NewGuid(), path: path);
        await service.Host.WithAsync(async db =>
        {
            await UserReplicas.Apply(new EventEnvelope<UserUpdated>(Guid.NewGuid(), UserUpdated.EventType, DateTimeOffset.UtcNow, 1, new(user, "late", "client", 1)), db, default);
            return 0;
        });

        Assert.Equal(("", version, 0, true), await CopyAsync(user));
    }

    [Fact]
    public async Task An_account_that_was_never_copied_can_be_deleted_and_that_be_undone()
    {
        var (user, saga) = (Guid.CreateVersion7(), Guid.NewGuid());

        Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Delete, user, saga, path: "?version=3"));
        Assert.Equal(("", 3, 0, true), await CopyAsync(user));
        Assert.Equal(HttpStatusCode.NoContent, await StepAsync(HttpMethod.Delete, user, saga, path: Rollback));
        Assert.Null(await CopyAsync(user));
    }

    [Fact]
    public async Task A_step_that_comes_many_times_happens_once()
    {
        var (user, device, saga) = (await service.NewUserAsync(), await service.NewDeviceAsync(), Guid.NewGuid());
        await service.AssignAsync(user, device);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => StepAsync(HttpMethod.Delete, user, saga)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer));
        answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => StepAsync(HttpMethod.Delete, user, saga, path: Rollback)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer));

        Assert.Equal(
            [("device_assigned", 1), ("device_unassigned", 2), ("device_assigned", 3)],
            (await service.EventsOfAsync(user)).Select(seen => (seen.Type, seen.Version)));
    }

    [Fact]
    public async Task A_step_that_races_its_compensation_is_undone_or_refused()
    {
        for (var round = 0; round < 10; round++)
        {
            var (user, device, saga) = (await service.NewUserAsync("kim"), await service.NewDeviceAsync(), Guid.NewGuid());
            await service.AssignAsync(user, device);

            var answers = await Task.WhenAll(
                StepAsync(HttpMethod.Delete, user, saga), StepAsync(HttpMethod.Delete, user, saga, path: Rollback), StepAsync(HttpMethod.Delete, user, saga));

            Assert.Equal(HttpStatusCode.NoContent, answers[1]);
            Assert.Equal(("kim", 1, 1, false), await CopyAsync(user));
            Assert.Equal([device], await DevicesOfAsync(user));
        }
    }

    [Theory]
    [InlineData("PUT", "")]
    [InlineData("DELETE", "")]
    [InlineData("DELETE", Rollback)]
    public async Task Without_a_sagas_id_nothing_is_done(string method, string path)
    {
        var user = await service.NewUserAsync("lea");

        foreach (var saga in (string?[])[null, "", "saga"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"/internal/users/{user}{path}", UriKind.Relative));
            request.Content = JsonContent.Create(ChangingService.Copy("other", version: 2));
            if (saga is not null)
                request.Headers.Add(SagaSteps.Header, saga);
            using var answer = await service.Saga.SendAsync(request);

            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal([SagaSteps.Header], await answer.FieldsInErrorAsync());
        }

        Assert.Equal(("lea", 1, 1, false), await CopyAsync(user));
    }

    [Fact]
    public async Task What_is_wrong_with_a_copy_is_named()
    {
        using var answer = await service.StepAsync(HttpMethod.Put, Guid.NewGuid(), Guid.NewGuid(), new { username = " ", role = "root", version = 0, token_generation = -1 });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(["username", "role", "version", "token_generation"], await answer.FieldsInErrorAsync());

        using var deletion = await service.StepAsync(HttpMethod.Delete, Guid.NewGuid(), Guid.NewGuid(), path: "?version=x");
        Assert.Equal(["version"], await deletion.FieldsInErrorAsync());
    }

    [Fact]
    public async Task What_is_still_assigned_goes_with_the_event_that_the_user_is_deleted()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await service.AssignAsync(user, device);

        await service.PublishAsync(new UserDeleted(user), 2);

        await Eventually.GetAsync(() => CopyAsync(user), copy => copy is (_, 2, _, true), "the copy is a tombstone");
        Assert.Equal(
            [("device_assigned", 1), ("device_unassigned", 2)], (await service.EventsOfAsync(device)).Where(seen => seen.Type != "device_created").Select(seen => (seen.Type, seen.Version)));
        var record = (await service.AuditAsync($"user_id={user}&action=device_unassigned")).Single();
        Assert.Equal(("identity", device), (record.GetProperty("actor").GetString(), record.GetProperty("device_id").GetGuid()));
    }

    [Fact]
    public async Task Tokens_from_before_a_change_are_worthless_two_seconds_after_its_event()
    {
        var user = await service.NewUserAsync("mia");
        using var old = service.Host.ClientWith(TestTokens.ForAccount(user, "mia", "client", generation: 1));
        using var renewed = service.Host.ClientWith(TestTokens.ForAccount(user, "mia", "client", generation: 2));
        async Task<HttpStatusCode> StatusAsync(HttpClient client) => (await client.GetAsync(new Uri("/api/devices", UriKind.Relative))).StatusCode;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(old));

        await service.PublishAsync(new UserUpdated(user, "mia", "client", TokenGeneration: 2), 2);
        await Eventually.TrueAsync(async () => await StatusAsync(old) == HttpStatusCode.Unauthorized, "the old token is worthless", TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(renewed));

        await service.PublishAsync(new UserDeleted(user), 3);
        await Eventually.TrueAsync(async () => await StatusAsync(renewed) == HttpStatusCode.Unauthorized, "every token is worthless", TimeSpan.FromSeconds(2));
    }

    private async Task<HttpStatusCode> StepAsync(HttpMethod method, Guid user, Guid saga, object? body = null, string path = "")
    {
        using var answer = await service.StepAsync(method, user, saga, body, path);
        return answer.StatusCode;
    }

    private Task<(string Username, long Version, long TokenGeneration, bool IsDeleted)?> CopyAsync(Guid user) => service.Host.WithAsync(async db =>
        await db.Users.AsNoTracking().SingleOrDefaultAsync(copy => copy.Id == user) is { } held
            ? (held.Username, held.Version, held.TokenGeneration, held.IsDeleted)
            : ((string, long, long, bool)?)null);

    private async Task<List<Guid>> DevicesOfAsync(Guid user) =>
        [.. (await service.Admin.GetFromJsonAsync<List<JsonElement>>(new Uri($"/api/mappings?user_id={user}", UriKind.Relative)))!
            .Select(mapping => mapping.GetProperty("device_id").GetGuid()).Order()];
}
