using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Users.Tests;

/// <summary>One service for the tests that make profiles of their own.</summary>
public sealed class ChangingService(TestServers servers) : IAsyncLifetime
{
    public ServiceHost<Program> Host { get; private set; } = null!;

    public HttpClient Admin => Host.ClientOf(DevelopmentData.Admin);

    public HttpClient Saga => Host.ClientWith(TestTokens.ForSaga());

    public async ValueTask InitializeAsync() => Host = await UserService.StartAsync(servers, await UserService.CreateDatabaseAsync(servers));

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>A client of the person whose profile it is.</summary>
    public HttpClient Self(Guid id) => Host.ClientWith(TestTokens.ForAccount(id, $"user-{id}", Roles.Client));

    public static EventEnvelope<TEvent> Envelope<TEvent>(TEvent fact, long version)
        where TEvent : IEvent => new(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UtcNow, version, fact);

    /// <summary>Runs a handler as the consumer does.</summary>
    public async Task HandleAsync(Func<UserDbContext, Task> apply)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UserDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await apply(db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}

public sealed class ChangeTests(ChangingService service) : IClassFixture<ChangingService>
{
    [Fact]
    public async Task People_change_their_own_profile_and_admins_anyones()
    {
        var id = await service.Saga.ProfileAsync();

        var own = await service.Self(id).SendAsync(HttpMethod.Put, $"/api/users/{id}", new { fname = "  Ada ", lname = "Keller", phone = "+49 (30) 555-0100" });
        var admins = await service.Admin.SendAsync(HttpMethod.Put, $"/api/users/{id}", new { email = $"{id}@Example.com", phone = "" });

        Assert.Equal((HttpStatusCode.OK, "Ada", "+49 (30) 555-0100"), (own.Status, own.Body.Text("fname"), own.Body.Text("phone")));
        Assert.Equal(HttpStatusCode.OK, admins.Status);
        Assert.Equal(("Ada", "Keller", $"{id}@Example.com", null), (admins.Body.Text("fname"), admins.Body.Text("lname"), admins.Body.Text("email"), admins.Body.Text("phone")));
    }

    [Fact]
    public async Task Somebody_elses_profile_looks_absent_whatever_is_sent()
    {
        var id = await service.Saga.ProfileAsync(fname: "Ada");
        var other = service.Self(await service.Saga.ProfileAsync());

        Assert.Equal(HttpStatusCode.NotFound, (await other.SendAsync(HttpMethod.Put, $"/api/users/{id}", new { fname = "Eve" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await other.SendAsync(HttpMethod.Put, $"/api/users/{id}", new { email = "nonsense" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await service.Admin.SendAsync(HttpMethod.Put, $"/api/users/{Guid.NewGuid()}", new { fname = "Eve" })).Status);
        Assert.Equal("Ada", (await service.Admin.SendAsync(HttpMethod.Get, $"/api/users/{id}")).Body.Text("fname"));
    }

    [Theory]
    [InlineData("username")]
    [InlineData("role")]
    [InlineData("id")]
    [InlineData("version")]
    [InlineData("first_name")]
    public async Task What_cannot_be_changed_here_is_refused_by_name_and_nothing_changes(string field)
    {
        var id = await service.Saga.ProfileAsync(fname: "Ada");

        var (status, body, _) = await service.Self(id).SendAsync(
            HttpMethod.Put, $"/api/users/{id}", new Dictionary<string, string> { ["fname"] = "Eve", [field] = "admin" });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal("Ada", (await service.Admin.SendAsync(HttpMethod.Get, $"/api/users/{id}")).Body.Text("fname"));
    }

    [Theory]
    [InlineData("@b\u00fccher.example", "@xn--bcher-kva.example")]
    [InlineData("@xn--bcher-kva.example", "@BU\u0308CHER.example")]
    public async Task An_address_is_taken_however_it_is_written(string first, string second)
    {
        var name = Guid.NewGuid().ToString("N");
        await service.Saga.ProfileAsync(email: name + first);
        var other = await service.Saga.ProfileAsync();

        var (status, body, _) = await service.Self(other).SendAsync(HttpMethod.Put, $"/api/users/{other}", new { email = name + second });

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.True(body.GetProperty("errors").TryGetProperty("email", out _));
    }

    [Fact]
    public async Task An_address_from_before_domains_were_compared_as_DNS_knows_them_is_brought_up_to_date_at_start()
    {
        var older = await service.Saga.ProfileAsync(email: $"{Guid.NewGuid():N}@example.com");
        var name = Guid.NewGuid().ToString("N");
        await service.HandleAsync(async db =>
        {
            await db.Database.ExecuteSqlAsync($"update profiles set email = {name + "@b\u00fccher.example"}, normalized_email = {name + "@b\u00fccher.example"} where id = {older}");
            await db.Database.MigrateAsync();
        });

        var stored = await service.Host.WithAsync(db => db.Profiles.Where(profile => profile.Id == older).Select(profile => profile.NormalizedEmail).SingleAsync());
        Assert.Equal(name + "@xn--bcher-kva.example", stored);
    }

    [Fact]
    public async Task A_name_is_kept_composed_and_found_in_either_form()
    {
        var mark = Guid.NewGuid().ToString("N")[..8];
        var id = await service.Saga.ProfileAsync(fname: $"Jose\u0301{mark}");

        Assert.Equal($"Jos\u00e9{mark}", (await service.Admin.SendAsync(HttpMethod.Get, $"/api/users/{id}")).Body.Text("fname"));
        foreach (var term in new[] { $"jos\u00e9{mark}", $"jose\u0301{mark}" })
            Assert.Equal(1, (await service.Admin.SendAsync(HttpMethod.Get, $"/api/users?search={Uri.EscapeDataString(term)}")).Body.GetArrayLength());
    }

    [Theory]
    [InlineData("email", "ada")]
    [InlineData("email", "@example.com")]
    [InlineData("email", "Ada <ada@example.com>")]
    [InlineData("email", "ada@example.com, eve@example.com")]
    [InlineData("email", "ada@exa\nmple.com")]
    [InlineData("email", "ada\0@example.com")]
    [InlineData("email", "L255")]
    [InlineData("email", "ada@example.com.")]
    [InlineData("email", "L65")]
    [InlineData("fname", "\u3164")]
    [InlineData("fname", "Ada\u200b")]
    [InlineData("lname", "\u202eKeller")]
    [InlineData("phone", "12")]
    [InlineData("phone", "call me")]
    [InlineData("phone", "+()-/. ")]
    [InlineData("phone", "123456789012345678901234567890123")]
    [InlineData("phone", "١٢٣٤٥")]
    [InlineData("fname", "A\0da")]
    [InlineData("fname", "L151")]
    [InlineData("lname", "Kel\u0085ler")]
    [InlineData("lname", "L151")]
    public async Task A_wrong_value_is_named_by_its_field_and_changes_nothing(string field, string value)
    {
        var id = await service.Saga.ProfileAsync();
        value = value switch
        {
            "L255" => $"a@{string.Join('.', Enumerable.Repeat(new string('b', 50), 5))}",
            "L65" => $"{new string('a', 65)}@example.com",
            "L151" => new string('a', 151),
            _ => value,
        };

        var (status, body, _) = await service.Self(id).SendAsync(HttpMethod.Put, $"/api/users/{id}", new Dictionary<string, string> { [field] = value });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal("\"1\"", (await service.Self(id).SendAsync(HttpMethod.Get, $"/api/users/{id}")).Version!.Tag);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"fname": 7}""")]
    [InlineData("""{"fname": "\ud800"}""")]
    [InlineData("null")]
    public async Task A_body_that_cannot_be_read_is_the_callers_fault(string body)
    {
        var id = await service.Saga.ProfileAsync();
        using var content = new StringContent(body, new global::System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

        using var answer = await service.Self(id).PutAsync(new Uri($"/api/users/{id}", UriKind.Relative), content);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Only_the_version_that_was_read_is_changed()
    {
        var id = await service.Saga.ProfileAsync();
        var self = service.Self(id);
        var read = (await self.SendAsync(HttpMethod.Get, $"/api/users/{id}")).Version!.Tag;

        var first = await self.SendAsync(HttpMethod.Put, $"/api/users/{id}", new { fname = "Ada" }, ifMatch: read);
        var second = await self.SendAsync(HttpMethod.Put, $"/api/users/{id}", new { fname = "Eve" }, ifMatch: read);
        var any = await self.SendAsync(HttpMethod.Put, $"/api/users/{id}", new { lname = "Keller" }, ifMatch: "*");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.PreconditionFailed, HttpStatusCode.OK), (first.Status, second.Status, any.Status));
        Assert.Equal(("Ada", "Keller", "\"3\""), (any.Body.Text("fname"), any.Body.Text("lname"), any.Version!.Tag));
    }

    [Fact]
    public async Task A_change_to_what_it_is_already_makes_no_version_and_no_record()
    {
        var id = await service.Saga.ProfileAsync(fname: "Ada");

        var (status, _, version) = await service.Self(id).SendAsync(HttpMethod.Put, $"/api/users/{id}", new { fname = " Ada", lname = "" });

        Assert.Equal((HttpStatusCode.OK, "\"1\""), (status, version!.Tag));
        Assert.Equal(["profile_created"], (await RecordsAsync(id)).Select(record => record.Text("action")));
    }

    [Fact]
    public async Task Of_50_changes_at_once_none_is_lost_and_of_50_guarded_ones_one_wins()
    {
        var id = await service.Saga.ProfileAsync();
        var self = service.Self(id);

        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(number =>
            self.SendAsync(HttpMethod.Put, $"/api/users/{id}", number % 2 == 0 ? new { fname = $"name {number}" } : new { lname = $"name {number}" })));
        var guarded = await Task.WhenAll(Enumerable.Range(0, 50).Select(number =>
            self.SendAsync(HttpMethod.Put, $"/api/users/{id}", new { fname = $"other {number}" }, ifMatch: "\"51\"")));

        Assert.All(all, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(Enumerable.Range(2, 50).Select(version => $"\"{version}\"").Order(), all.Select(answer => answer.Version!.Tag).Order());
        Assert.Single(guarded, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(49, guarded.Count(answer => answer.Status == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Of_50_people_who_want_one_address_at_once_one_gets_it()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => service.Saga.ProfileAsync()));
        var address = $"{Guid.NewGuid():N}@example.com";

        var answers = await Task.WhenAll(
            ids.Select(id => service.Self(id).SendAsync(HttpMethod.Put, $"/api/users/{id}", new { email = address.ToUpperInvariant() }))
            .Concat(Enumerable.Range(0, 25).Select(number => service.Saga.SendAsync(
                HttpMethod.Post, "/api/users", new { id = Guid.NewGuid(), username = $"{number}-of-{address}", role = "client", email = address }))));

        Assert.Single(answers, answer => answer.Status is HttpStatusCode.OK or HttpStatusCode.Created);
        var refused = answers.Where(answer => answer.Status == HttpStatusCode.Conflict).ToArray();
        Assert.Equal(49, refused.Length);
        Assert.All(refused, answer => Assert.True(answer.Body.GetProperty("errors").TryGetProperty("email", out _)));
        Assert.Equal(1, await service.Host.WithAsync(db => db.Profiles.CountAsync(profile => EF.Functions.ILike(profile.Email!, address))));
    }

    [Fact]
    public async Task A_record_tells_who_changed_what_from_what_to_what()
    {
        var id = await service.Saga.ProfileAsync(fname: "Ada");
        await service.Admin.SendAsync(HttpMethod.Put, $"/api/users/{id}", new { fname = "Eve", phone = "030 555" });

        var record = (await RecordsAsync(id))[0];

        Assert.Equal(("profile_updated", "admin", DevelopmentData.Admin.ToString()), (record.Text("action"), record.Text("actor"), record.Text("actor_id")));
        Assert.Equal(("Ada", ""), (record.GetProperty("before").Text("fname"), record.GetProperty("before").Text("phone")));
        Assert.Equal(("Eve", "030 555"), (record.GetProperty("after").Text("fname"), record.GetProperty("after").Text("phone")));
        Assert.Equal(HttpStatusCode.Forbidden, (await service.Self(id).SendAsync(HttpMethod.Get, "/api/users/audit")).Status);
        await Assert.ThrowsAnyAsync<global::System.Data.Common.DbException>(() => service.Host.WithAsync(db => db.Database.ExecuteSqlAsync($"delete from audit_records")));
    }

    private async Task<List<JsonElement>> RecordsAsync(Guid id) =>
        (await service.Admin.GetFromJsonAsync<List<JsonElement>>(new Uri($"/api/users/audit?user_id={id}", UriKind.Relative)))!;
}
