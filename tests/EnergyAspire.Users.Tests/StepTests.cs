using System.Net;
using EnergyAspire.Contracts;
using EnergyAspire.Testing;
using EnergyAspire.Users.Accounts;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Tests;

/// <summary>What the sagas do to profiles, and undo.</summary>
public sealed class StepTests(ChangingService service) : IClassFixture<ChangingService>
{
    private static readonly HttpMethod Get = HttpMethod.Get;
    private static readonly HttpMethod Put = HttpMethod.Put;
    private static readonly HttpMethod Delete = HttpMethod.Delete;

    private readonly HttpClient _saga = service.Saga;
    private readonly HttpClient _admin = service.Admin;

    [Fact]
    public async Task A_step_that_comes_twenty_times_at_once_is_done_once()
    {
        var (id, saga) = (Guid.NewGuid(), Guid.NewGuid());

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CreateAsync(id, saga)));

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.Created, status));
        Assert.Equal(1, await service.Host.WithAsync(db => db.Profiles.CountAsync(profile => profile.Id == id)));
    }

    [Fact]
    public async Task Undoing_a_creation_removes_the_profile_and_frees_its_address()
    {
        var (id, saga, email) = (Guid.NewGuid(), Guid.NewGuid(), $"{Guid.NewGuid():N}@example.com");
        await CreateAsync(id, saga, email);

        Assert.Equal(HttpStatusCode.NoContent, (await UndoAsync(id, saga)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await UndoAsync(id, saga)).Status);

        Assert.Equal(HttpStatusCode.NotFound, (await _admin.SendAsync(Get, $"/api/users/{id}")).Status);
        Assert.False(await service.Host.WithAsync(db => db.Accounts.AnyAsync(account => account.Id == id)));
        Assert.Equal(HttpStatusCode.Created, await CreateAsync(Guid.NewGuid(), Guid.NewGuid(), email));
    }

    [Fact]
    public async Task A_step_that_comes_after_its_undoing_is_refused()
    {
        var (fresh, saga) = (Guid.NewGuid(), Guid.NewGuid());
        var id = await _saga.ProfileAsync(fname: "Ada");
        var (update, deletion) = (Guid.NewGuid(), Guid.NewGuid());

        foreach (var (account, of) in new[] { (fresh, saga), (id, update), (id, deletion) })
            Assert.Equal(HttpStatusCode.NoContent, (await UndoAsync(account, of)).Status);

        Assert.Equal(HttpStatusCode.Conflict, await CreateAsync(fresh, saga));
        Assert.Equal(HttpStatusCode.Conflict, (await _saga.SendAsync(Put, $"/internal/users/{id}", new { fname = "Eve" }, update)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await _saga.SendAsync(Delete, $"/internal/users/{id}", saga: deletion)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.SendAsync(Get, $"/api/users/{fresh}")).Status);
        Assert.Equal("Ada", (await _admin.SendAsync(Get, $"/api/users/{id}")).Body.Text("fname"));
    }

    [Fact]
    public async Task Step_and_undoing_at_once_leave_nothing()
    {
        for (var round = 0; round < 25; round++)
        {
            var (id, saga) = (Guid.NewGuid(), Guid.NewGuid());
            var (step, undo) = (CreateAsync(id, saga), UndoAsync(id, saga));

            Assert.Contains(await step, new[] { HttpStatusCode.Created, HttpStatusCode.Conflict });
            Assert.Equal(HttpStatusCode.NoContent, (await undo).Status);
            Assert.False(await service.Host.WithAsync(db => db.Profiles.IgnoreQueryFilters().AnyAsync(profile => profile.Id == id)));
        }
    }

    [Fact]
    public async Task Without_a_header_the_saga_of_the_public_steps_is_the_accounts_own()
    {
        var id = await _saga.ProfileAsync();

        await _saga.SendAsync(Delete, $"/api/users/{id}/rollback");

        Assert.Equal(HttpStatusCode.NotFound, (await _admin.SendAsync(Get, $"/api/users/{id}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _saga.SendAsync(Put, $"/internal/users/{id}", new { fname = "Eve" })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _saga.SendAsync(Delete, $"/internal/users/{id}")).Status);
    }

    [Fact]
    public async Task A_saga_id_that_is_none_is_named()
    {
        _saga.DefaultRequestHeaders.Add("Saga-Id", "seven");

        var (status, body, _) = await _saga.SendAsync(Put, $"/internal/users/{Guid.NewGuid()}", new { fname = "Eve" });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(body.GetProperty("errors").TryGetProperty("Saga-Id", out _));
    }

    [Fact]
    public async Task Undoing_a_change_restores_what_it_changed_but_not_what_somebody_changed_since()
    {
        var saga = Guid.NewGuid();
        var email = $"{Guid.NewGuid():N}@example.com";
        var id = await _saga.ProfileAsync(email, fname: "Ada");
        var change = new { username = $"new-{id}", role = "admin", fname = "Eve", lname = "Keller", email = "" };
        var changed = await _saga.SendAsync(Put, $"/internal/users/{id}", change, saga);
        var again = await _saga.SendAsync(Put, $"/internal/users/{id}", change, saga);
        await _admin.SendAsync(Put, $"/api/users/{id}", new { lname = "Since", phone = "030 555" });

        await UndoAsync(id, saga);
        await UndoAsync(id, saga);

        Assert.Equal((HttpStatusCode.OK, "admin", HttpStatusCode.OK), (changed.Status, changed.Body.Text("role"), again.Status));
        var (_, body, version) = await _admin.SendAsync(Get, $"/api/users/{id}");
        Assert.Equal(($"user-{id}", "client", "Ada"), (body.Text("username"), body.Text("role"), body.Text("fname")));
        Assert.Equal(("Since", email, "030 555"), (body.Text("lname"), body.Text("email"), body.Text("phone")));
        Assert.Equal("\"4\"", version!.Tag);
    }

    [Fact]
    public async Task An_address_that_a_change_gave_up_is_nobodys_before_the_change_is_final()
    {
        var (saga, email) = (Guid.NewGuid(), $"{Guid.NewGuid():N}@example.com");
        var id = await _saga.ProfileAsync(email);
        await _saga.SendAsync(Put, $"/internal/users/{id}", new { email = $"new-{email}" }, saga);

        Assert.Equal(HttpStatusCode.Conflict, await CreateAsync(Guid.NewGuid(), Guid.NewGuid(), email.ToUpperInvariant()));
        await UndoAsync(id, saga);
        Assert.Equal(email, (await _admin.SendAsync(Get, $"/api/users/{id}")).Body.Text("email"));
        Assert.Equal(HttpStatusCode.Created, await CreateAsync(Guid.NewGuid(), Guid.NewGuid(), $"new-{email}"));

        await _saga.SendAsync(Put, $"/internal/users/{id}", new { email = "" }, Guid.NewGuid());
        Assert.Equal(HttpStatusCode.Conflict, await CreateAsync(Guid.NewGuid(), Guid.NewGuid(), email));
        await service.HandleAsync(db => AccountEvents.Apply(ChangingService.Envelope(new UserUpdated(id, "final", "client", 1), 2), db, default));
        Assert.Equal(HttpStatusCode.Created, await CreateAsync(Guid.NewGuid(), Guid.NewGuid(), email));
    }

    [Fact]
    public async Task Undoing_goes_through_even_when_somebody_got_the_address_meanwhile()
    {
        var (saga, email) = (Guid.NewGuid(), $"{Guid.NewGuid():N}@example.com");
        var id = await _saga.ProfileAsync(email, fname: "Ada");
        await _saga.SendAsync(Put, $"/internal/users/{id}", new { fname = "Eve", email = $"new-{email}" }, saga);
        await service.HandleAsync(db => AccountEvents.Apply(ChangingService.Envelope(new UserUpdated(id, $"user-{id}", "client", 1), 1), db, default));
        await _saga.ProfileAsync(email);

        Assert.Equal(HttpStatusCode.NoContent, (await UndoAsync(id, saga)).Status);

        var (_, body, _) = await _admin.SendAsync(Get, $"/api/users/{id}");
        Assert.Equal(("Ada", null), (body.Text("fname"), body.Text("email")));
    }

    [Fact]
    public async Task A_deleted_profile_looks_absent_everywhere_keeps_its_address_and_comes_back_with_it()
    {
        var (saga, email) = (Guid.NewGuid(), $"{Guid.NewGuid():N}@example.com");
        var id = await _saga.ProfileAsync(email);

        Assert.Equal(HttpStatusCode.NoContent, (await _saga.SendAsync(Delete, $"/internal/users/{id}", saga: saga)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _saga.SendAsync(Delete, $"/internal/users/{id}", saga: saga)).Status);

        Assert.Equal(HttpStatusCode.NotFound, (await service.Self(id).SendAsync(Get, $"/api/users/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.SendAsync(Put, $"/api/users/{id}", new { fname = "Eve" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _saga.SendAsync(Put, $"/internal/users/{id}", new { fname = "Eve" }, Guid.NewGuid())).Status);
        Assert.Equal(0, (await _admin.SendAsync(Get, $"/api/users?search={email}")).Body.GetArrayLength());
        Assert.Equal(HttpStatusCode.Conflict, await CreateAsync(Guid.NewGuid(), Guid.NewGuid(), email));

        await UndoAsync(id, saga);
        Assert.Equal(email, (await service.Self(id).SendAsync(Get, $"/api/users/{id}")).Body.Text("email"));
    }

    [Fact]
    public async Task A_refused_step_leaves_no_trace_and_names_the_field()
    {
        var (saga, id, email) = (Guid.NewGuid(), Guid.NewGuid(), $"{Guid.NewGuid():N}@example.com");
        await _saga.ProfileAsync(email);

        var taken = await _saga.SendAsync(HttpMethod.Post, "/api/users", new { id, username = "u", role = "client", email }, saga);
        var wrong = await _saga.SendAsync(HttpMethod.Post, "/api/users", new { id = Guid.Empty, role = "root", email = "nonsense" }, saga);
        var right = await CreateAsync(id, saga);

        Assert.Equal(HttpStatusCode.Conflict, taken.Status);
        Assert.Equal(["email"], taken.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(["email", "id", "role", "username"], wrong.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.Created, right);
        Assert.Equal(HttpStatusCode.Conflict, await CreateAsync(id, Guid.NewGuid()));
    }

    [Fact]
    public async Task Steps_are_for_sagas_only()
    {
        var id = await _saga.ProfileAsync();

        foreach (var client in new[] { _admin, service.Self(id), service.Host.ClientWith(TestTokens.ForReplica()) })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(HttpMethod.Post, "/api/users", new { id })).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(Delete, $"/api/users/{id}/rollback")).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(Put, $"/internal/users/{id}", new { })).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(Delete, $"/internal/users/{id}")).Status);
        }
    }

    private async Task<HttpStatusCode> CreateAsync(Guid id, Guid saga, string? email = null) =>
        (await _saga.SendAsync(HttpMethod.Post, "/api/users", new { id, username = $"user-{id}", role = "client", email, token_generation = 1 }, saga)).Status;

    private Task<(HttpStatusCode Status, global::System.Text.Json.JsonElement, global::System.Net.Http.Headers.EntityTagHeaderValue?)> UndoAsync(Guid id, Guid saga) =>
        _saga.SendAsync(Delete, $"/api/users/{id}/rollback", saga: saga);
}
