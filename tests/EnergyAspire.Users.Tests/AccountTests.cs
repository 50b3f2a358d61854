using System.Net;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;
using EnergyAspire.Users.Accounts;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Tests;

/// <summary>What follows from Identity's events.</summary>
public sealed class AccountTests(TestServers servers, ChangingService service) : IClassFixture<ChangingService>
{
    private readonly HttpClient _saga = service.Saga;

    [Fact]
    public async Task Tokens_of_an_older_generation_are_refused_after_the_event()
    {
        await using var channel = await UserService.OpenChannelAsync(servers);
        var id = await _saga.ProfileAsync();
        using var old = service.Host.ClientWith(TestTokens.ForAccount(id, "old", Roles.Client, generation: 1));
        using var current = service.Host.ClientWith(TestTokens.ForAccount(id, "current", Roles.Client, generation: 2));
        Assert.Equal(HttpStatusCode.OK, (await old.SendAsync(HttpMethod.Get, $"/api/users/{id}")).Status);

        await channel.AnnounceAsync(new UserUpdated(id, "renamed", "client", TokenGeneration: 2), 2);

        await AssertRefusedAsync(old, id);
        Assert.Equal("renamed", (await current.SendAsync(HttpMethod.Get, $"/api/users/{id}")).Body.Text("username"));
    }

    [Fact]
    public async Task Of_somebody_who_is_gone_only_a_tombstone_is_left_and_their_tokens_are_refused()
    {
        await using var channel = await UserService.OpenChannelAsync(servers);
        var (saga, email) = (Guid.NewGuid(), $"{Guid.NewGuid():N}@example.com");
        var id = await _saga.ProfileAsync(email, fname: "Ada");
        using var self = service.Self(id);
        await _saga.SendAsync(HttpMethod.Put, $"/internal/users/{id}", new { lname = "Secret" }, saga);
        await _saga.SendAsync(HttpMethod.Delete, $"/internal/users/{id}", saga: Guid.NewGuid());

        await channel.AnnounceAsync(new UserDeleted(id), 3);

        await AssertRefusedAsync(self, id);
        Assert.False(await service.Host.WithAsync(db => db.Profiles.IgnoreQueryFilters().AnyAsync(profile => profile.Id == id)));
        Assert.Equal(0, await service.Host.WithAsync(db => db.Database
            .SqlQuery<int>($"select count(*)::int as \"Value\" from saga_steps where before::text like {"%" + id + "%"}").SingleAsync()));
        Assert.Equal(HttpStatusCode.NoContent, (await _saga.SendAsync(HttpMethod.Delete, $"/api/users/{id}/rollback", saga: saga)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await _saga.SendAsync(
            HttpMethod.Post, "/api/users", new { id, username = "again", role = "client" }, Guid.NewGuid())).Status);
        await _saga.ProfileAsync(email);
    }

    [Fact]
    public async Task Events_in_any_order_and_repetition_end_as_the_last_one_says()
    {
        var random = new Random(7);
        for (var round = 0; round < 50; round++)
        {
            var id = await _saga.ProfileAsync();
            var isGone = round % 2 == 0;
            Func<UserDbContext, Task>[] history =
            [
                db => AccountEvents.Apply(ChangingService.Envelope(new UserCreated(id, $"a-{id}", "client", 1), 1), db, default),
                db => AccountEvents.Apply(ChangingService.Envelope(new UserUpdated(id, $"b-{id}", "client", 2), 2), db, default),
                db => AccountEvents.Apply(ChangingService.Envelope(new UserUpdated(id, $"c-{id}", "admin", 3), 3), db, default),
                .. isGone ? new Func<UserDbContext, Task>[] { db => AccountEvents.Apply(ChangingService.Envelope(new UserDeleted(id), 4), db, default) } : [],
            ];
            Func<UserDbContext, Task>[] delivered = [.. history, .. history];
            random.Shuffle(delivered);

            foreach (var apply in delivered)
                await service.HandleAsync(apply);

            var account = await service.Host.WithAsync(db => db.Accounts.SingleAsync(account => account.Id == id));
            var profile = await service.Host.WithAsync(db => db.Profiles.IgnoreQueryFilters().SingleOrDefaultAsync(profile => profile.Id == id));
            Assert.Equal(isGone ? (0L, 4L, true) : (3L, 3L, false), (account.TokenGeneration, account.Version, account.IsDeleted));
            Assert.Equal(isGone ? null : $"c-{id} admin", profile is null ? null : $"{profile.Username} {profile.Role}");
        }
    }

    [Fact]
    public async Task An_account_without_a_registration_gets_its_profile_by_the_event()
    {
        var id = Guid.NewGuid();

        await service.HandleAsync(db => AccountEvents.Apply(ChangingService.Envelope(new UserCreated(id, $"first-{id}", "admin", 1), 1), db, default));

        Assert.Equal("admin", (await service.Admin.SendAsync(HttpMethod.Get, $"/api/users/{id}")).Body.Text("role"));
    }

    [Fact]
    public async Task Nothing_brings_an_account_back_that_is_gone()
    {
        var id = Guid.NewGuid();
        await service.HandleAsync(db => AccountEvents.Apply(ChangingService.Envelope(new UserCreated(id, $"a-{id}", "client", 1), 1), db, default));

        await service.HandleAsync(db => AccountEvents.Apply(ChangingService.Envelope(new UserDeleted(id), 1), db, default));
        await service.HandleAsync(db => AccountEvents.Apply(ChangingService.Envelope(new UserUpdated(id, $"b-{id}", "client", 2), 9), db, default));

        var account = await service.Host.WithAsync(db => db.Accounts.SingleAsync(account => account.Id == id));
        Assert.Equal((0L, 1L, true), (account.TokenGeneration, account.Version, account.IsDeleted));
        Assert.False(await service.Host.WithAsync(db => db.Profiles.IgnoreQueryFilters().AnyAsync(profile => profile.Id == id)));
    }

    private static Task AssertRefusedAsync(HttpClient client, Guid id) => Eventually.TrueAsync(
        async () => (await client.SendAsync(HttpMethod.Get, $"/api/users/{id}")).Status == HttpStatusCode.Unauthorized, "the token is refused");
}
