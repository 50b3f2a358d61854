using System.Net;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Users;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Tests;

public sealed class UserRebuildTests(TestServers servers) : IAsyncLifetime
{
    private static readonly Uri Route = new("/api/devices/users/rebuild", UriKind.Relative);

    private FakeIdentity _identity = null!;
    private ServiceHost<Program> _service = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _identity = await FakeIdentity.StartAsync();
        _database = await DeviceService.CreateDatabaseAsync(servers);
        _service = await DeviceService.StartAsync(servers, _database, "Production", _identity.Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _identity.DisposeAsync();
    }

    [Fact]
    public async Task A_rebuild_makes_the_replicas_as_the_source_is()
    {
        var same = await HoldAsync("same", 2);
        var renamed = await HoldAsync("old name", 2);
        var differs = await HoldAsync("planted", 2);
        var buried = await HoldAsync("", 2, isDeleted: true);
        var newer = await HoldAsync("newer", 9);
        var gone = await HoldAsync("gone", 4);
        var registering = await HoldAsync("registering", 1, isProvisional: true);
        var missing = new UserState(Guid.CreateVersion7(), "missing", "admin", 5, 3);
        _identity.Users.AddRange(
        [
            new(same, "same", "client", 1, 2), new(renamed, "new name", "admin", 2, 3), new(differs, "source", "client", 1, 2),
            new(buried, "alive", "client", 1, 2), new(newer, "older", "client", 1, 8), missing,
        ]);

        Assert.Equal((1, 3, 1, 2), await RebuildAsync(_service.ClientOf(DevelopmentData.Admin)));

        Assert.Equal(
            new[]
            {
                (same, "same", "client", 2, 1, false), (renamed, "new name", "admin", 3, 2, false), (differs, "source", "client", 2, 1, false),
                (buried, "alive", "client", 2, 1, false), (newer, "newer", "client", 9, 1, false), (gone, "", "", 5L, 0L, true),
                (registering, "registering", "client", 1, 1, false), (missing.Id, "missing", "admin", 3, 5, false),
            }.Order(),
            (await HeldAsync()).Select(user => (user.Id, user.Username, user.Role, user.Version, user.TokenGeneration, user.IsDeleted)).Order());
        Assert.Equal((0, 0, 0, 6), await RebuildAsync(_service.ClientWith(TestTokens.ForReplica())));
    }

    [Fact]
    public async Task A_user_who_is_gone_loses_their_devices()
    {
        await using var channel = await DeviceService.OpenChannelAsync(servers);
        var (gone, device) = (await HoldAsync("gone", 4), Guid.CreateVersion7());
        await _service.WithAsync(db => db.Database.ExecuteSqlAsync($"""
            insert into mappings (user_id, device_id, id, is_assigned, assigned_at, version) values ({gone}, {device}, {Guid.CreateVersion7()}, true, now(), 5)
            """));
        _identity.Users.Add(new(Guid.CreateVersion7(), "admin", "admin", 1, 1));

        Assert.Equal((1, 0, 1, 0), await RebuildAsync(_service.ClientOf(DevelopmentData.Admin)));

        await _service.WaitUntilAllIsSentAsync();
        var taken = JsonDocument.Parse((await channel.BasicGetAsync(Topology.MonitoringSync.Name, autoAck: true))!.Body).RootElement;
        Assert.Equal(
            ("device_unassigned", 6, gone, device),
            (taken.GetProperty("event_type").GetString(), taken.GetProperty("version").GetInt64(),
                taken.GetProperty("data").GetProperty("user_id").GetGuid(), taken.GetProperty("data").GetProperty("device_id").GetGuid()));
    }

    [Fact]
    public async Task Events_that_arrive_meanwhile_are_not_overwritten()
    {
        var (deleted, changed, created) = (await HoldAsync("deleted", 1), await HoldAsync("changed", 1), Guid.CreateVersion7());
        _identity.Users.AddRange(
        [
            new(deleted, "deleted", "client", 1, 1), new(Guid.CreateVersion7(), "one", "client", 1, 1),
            new(Guid.CreateVersion7(), "two", "client", 1, 1), new(Guid.CreateVersion7(), "three", "client", 1, 1),
        ]);
        // The source was read before these happened; the two others are not in what was read.
        _identity.BeforePage = async page =>
        {
            if (page == 0)
            {
                await ApplyAsync(new UserDeleted(deleted), 2, UserReplicas.Apply);
                await ApplyAsync(new UserUpdated(changed, "newer", "admin", 3), 2, UserReplicas.Apply);
                await ApplyAsync(new UserCreated(created, "new", "client", 1), 1, UserReplicas.Apply);
            }

            return null;
        };

        Assert.Equal((3, 0, 0, 1), await RebuildAsync(_service.ClientOf(DevelopmentData.Admin)));

        var held = (await HeldAsync()).ToDictionary(user => user.Id);
        Assert.Equal((2, true), (held[deleted].Version, held[deleted].IsDeleted));
        Assert.Equal((2, false, "newer"), (held[changed].Version, held[changed].IsDeleted, held[changed].Username));
        Assert.Equal((1, false, "new"), (held[created].Version, held[created].IsDeleted, held[created].Username));
    }

    [Fact]
    public async Task An_event_that_is_delivered_again_brings_nobody_back_whom_a_rebuild_removed()
    {
        var gone = await HoldAsync("gone", 4);
        _identity.Users.Add(new(Guid.CreateVersion7(), "admin", "admin", 1, 1));
        Assert.Equal((1, 0, 1, 0), await RebuildAsync(_service.ClientOf(DevelopmentData.Admin)));

        await ApplyAsync(new UserUpdated(gone, "gone", "client", 1), 4, UserReplicas.Apply);

        Assert.True((await HeldAsync()).Single(user => user.Id == gone).IsDeleted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(null)]
    public async Task A_source_that_cant_be_read_to_its_end_removes_nobody(int? refusedPage)
    {
        var held = await HoldAsync("held", 1);
        if (refusedPage is not null)
        {
            _identity.Users.AddRange(Enumerable.Range(0, 4).Select(number => new UserState(Guid.CreateVersion7(), $"user {number}", "client", 1, 1)));
            _identity.BeforePage = page => Task.FromResult(page == refusedPage ? (int?)400 : null);
        }

        using var answer = await _service.ClientOf(DevelopmentData.Admin).PostAsync(Route, content: null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.False((await HeldAsync()).Single(user => user.Id == held).IsDeleted);
    }

    [Fact]
    public async Task Replicas_are_mended_on_their_own_now_and_then()
    {
        _identity.Users.Add(new(Guid.CreateVersion7(), "admin", "admin", 1, 1));
        var gone = await HoldAsync("gone", 1);
        await using var often = await DeviceService.StartAsync(
            servers, _database, "Production", new(_identity.Settings) { ["Replicas:RebuildEvery"] = "00:00:01" });

        await Eventually.TrueAsync(
            async () => await HeldAsync() is { Count: 2 } held && held.Single(user => user.Id == gone).IsDeleted, "the replicas are as the source is");
    }

    private async Task<Guid> HoldAsync(string username, long version, bool isDeleted = false, bool isProvisional = false)
    {
        var id = Guid.CreateVersion7();
        await _service.WithAsync(async db =>
        {
            db.Add(new UserReplica
            {
                Id = id,
                Username = username,
                Role = isDeleted ? "" : "client",
                Version = version,
                TokenGeneration = 1,
                IsDeleted = isDeleted,
                IsProvisional = isProvisional,
            });
            return await db.SaveChangesAsync();
        });

        return id;
    }

    private Task<List<UserReplica>> HeldAsync() => _service.WithAsync(db => db.Users.AsNoTracking().ToListAsync());

    private Task<int> ApplyAsync<TEvent>(
        TEvent fact, long version, Func<EventEnvelope<TEvent>, Data.DeviceDbContext, CancellationToken, Task> handler)
        where TEvent : IEvent => _service.WithAsync(async db =>
        {
            await handler(new EventEnvelope<TEvent>(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UtcNow, version, fact), db, CancellationToken.None);
            return await db.SaveChangesAsync();
        });

    private static async Task<(int Added, int Changed, int Removed, int Unchanged)> RebuildAsync(HttpClient client)
    {
        using var answer = await client.PostAsync(Route, content: null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var counts = await answer.JsonAsync();

        return (counts.GetProperty("added").GetInt32(), counts.GetProperty("changed").GetInt32(),
            counts.GetProperty("removed").GetInt32(), counts.GetProperty("unchanged").GetInt32());
    }
}
