using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Identity.Tests;

public sealed class AccountTests(IdentityFixture fixture)
{
    [Fact]
    public async Task Validate_tells_whose_token_it_is()
    {
        using var client = await fixture.Identity.ClientOfAsync("alice", "alice123");
        var answer = await client.GetFromJsonAsync<JsonElement>("/api/auth/validate");

        Assert.True(answer.GetProperty("valid").GetBoolean());
        Assert.Equal(DevelopmentData.Alice, answer.GetProperty("user").GetProperty("id").GetGuid());
        Assert.Equal("alice", answer.GetProperty("user").GetProperty("username").GetString());
        Assert.Equal("client", answer.GetProperty("user").GetProperty("role").GetString());
    }

    [Fact]
    public async Task Validate_tells_the_present_name_and_refuses_whose_sign_in_or_account_has_ended_at_once()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        var tokens = (await identity.LoginAsync("bob", "bob123")).Tokens();
        using var bob = identity.ClientWith(tokens.Access);
        await ExecuteAsync(identity, $"update accounts set username = 'robert', normalized_username = 'ROBERT' where id = '{DevelopmentData.Bob}'");
        var answer = await bob.GetFromJsonAsync<JsonElement>("/api/auth/validate");
        Assert.Equal("robert", answer.GetProperty("user").GetProperty("username").GetString());

        using var other = await identity.ClientOfAsync("robert", "bob123");
        using var signedOut = await bob.PostAsJsonAsync("/api/auth/logout", new { refresh = tokens.Refresh });
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await bob.GetAsync("/api/auth/validate")).StatusCode);

        // Another sign-in of the same account goes on, until the account ends.
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/api/auth/validate")).StatusCode);
        await ExecuteAsync(identity, $"update accounts set state = 'Deleting', token_generation = token_generation + 1 where id = '{DevelopmentData.Bob}'");
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/api/auth/validate")).StatusCode);
    }

    [Fact]
    public async Task An_account_that_is_being_deleted_keeps_the_version_that_its_deletion_has_promised()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        using var bob = await identity.ClientOfAsync("bob", "bob123");
        await ExecuteAsync(identity, $"update accounts set state = 'Deleting', version = 7 where id = '{DevelopmentData.Bob}'");

        using var locked = await admin.PutAsJsonAsync($"/api/auth/users/{DevelopmentData.Bob}/lock", new { });
        using var unlocked = await admin.DeleteAsync($"/api/auth/users/{DevelopmentData.Bob}/lock");
        using var changed = await bob.PutAsJsonAsync("/api/auth/me/password", new { current_password = "bob123", new_password = "bob456789" });

        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.Unauthorized], new[] { locked, unlocked, changed }.Select(answer => answer.StatusCode));
        Assert.Equal(7, await IdentityFixture.CountAsync(identity.Database, $"select version from accounts where id = '{DevelopmentData.Bob}'"));
    }

    [Fact]
    public async Task Accounts_are_listed_in_the_order_of_the_alphabet_on_pages_that_follow_each_other()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        await ExecuteAsync(identity, """
            insert into accounts (id, username, normalized_username, password_hash, role, state, created_at, token_generation, version, security_stamp, concurrency_stamp)
            select gen_random_uuid(), name, upper(name), 'x', 'client', 'Active', now(), 1, 1, 's', 'c'
            from unnest(array['apple', 'Zebra', 'Äpfel', 'banana', 'user10', 'user9']) as name
            """);

        var names = new List<string>();
        for (var page = "/api/auth/users?limit=2"; page is not null;)
        {
            using var answer = await admin.GetAsync(page);
            names.AddRange((await answer.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray().Select(account => account.GetProperty("username").GetString()!));
            page = answer.Headers.TryGetValues("Link", out var links) ? links.Single()[1..links.Single().IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(["admin", "alice", "Äpfel", "apple", "banana", "bob", "user9", "user10", "Zebra"], names);
    }

    [Theory]
    [InlineData("jos\u00e9")]
    [InlineData("jose\u0301")]
    public async Task Search_finds_a_name_composed_or_not(string term)
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        await ExecuteAsync(identity, $"update accounts set username = 'Jos\u00e9' where id = '{DevelopmentData.Bob}'");

        Assert.Equal(["Jos\u00e9"], await UsernamesAsync(admin, $"/api/auth/users?search={Uri.EscapeDataString(term)}"));
    }

    [Theory]
    [InlineData("/api/auth/me/password", """{"current_password": "alice123", "new_password": "alice1234", "confirm": "alice1234"}""", "confirm")]
    [InlineData("/api/auth/users/00000000-0000-7000-8000-0000000000b0", """{"first_name": "Bob"}""", "first_name")]
    [InlineData("/api/auth/users/00000000-0000-7000-8000-0000000000b0/lock", """{"until_when": "2030-01-01T00:00:00Z"}""", "until_when")]
    public async Task Fields_that_would_have_no_effect_are_refused_by_name(string path, string body, string field)
    {
        using var admin = await fixture.Identity.ClientOfAsync("admin", "admin123");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await admin.PutAsync(path, content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Single().Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ad min")]
    [InlineData("bob.")]
    [InlineData("bob\u200b")]
    [InlineData("b\u043eb")]
    [InlineData("\u202ebob")]
    public async Task A_username_that_could_be_taken_for_another_or_for_nothing_is_refused_at_a_rename(string username)
    {
        using var admin = await fixture.Identity.ClientOfAsync("admin", "admin123");
        using var answer = await admin.PutAsJsonAsync($"/api/auth/users/{DevelopmentData.Bob}", new { username });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Single();
        Assert.Equal("username", error.Name);
        Assert.EndsWith(".", error.Value[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(["bob"], await UsernamesAsync(admin, "/api/auth/users?search=bob"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("garbage")]
    [InlineData("foreign")]
    public async Task Other_tokens_are_not_valid(string? token)
    {
        using var client = token is null
            ? fixture.Identity.CreateClient()
            : fixture.Identity.ClientWith(token == "foreign"
                ? TestTokens.Issue(new() { ["sub"] = DevelopmentData.Admin.ToString(), ["username"] = "admin", ["role"] = "admin" }, IdentityHost.Issuer)
                : token);
        using var answer = await client.GetAsync("/api/auth/validate");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task An_admin_lists_accounts_by_name_and_filters_them()
    {
        using var admin = await fixture.Identity.ClientOfAsync("admin", "admin123");

        Assert.Equal(["admin", "alice", "bob"], await UsernamesAsync(admin, "/api/auth/users"));
        Assert.Equal(["alice", "bob"], await UsernamesAsync(admin, "/api/auth/users?role=client"));
        Assert.Equal(["alice"], await UsernamesAsync(admin, "/api/auth/users?search=LIC"));
        Assert.Empty(await UsernamesAsync(admin, "/api/auth/users?search=%25"));
        var account = (await admin.GetFromJsonAsync<JsonElement>("/api/auth/users?search=alice"))[0];
        Assert.Equal(["id", "username", "role", "created_at"], account.EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        using var admin = await fixture.Identity.ClientOfAsync("admin", "admin123");
        using var first = await admin.GetAsync("/api/auth/users?limit=2");
        var next = first.Headers.GetValues("Link").Single();

        Assert.EndsWith("; rel=\"next\"", next, StringComparison.Ordinal);
        Assert.Equal(["bob"], await UsernamesAsync(admin, next[1..next.IndexOf('>', StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("role=emperor", "role")]
    public async Task Wrong_parameters_are_named(string query, string field)
    {
        using var admin = await fixture.Identity.ClientOfAsync("admin", "admin123");
        using var answer = await admin.GetAsync($"/api/auth/users?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Single().Name);
    }

    [Fact]
    public async Task A_client_sees_only_their_own_account()
    {
        using var alice = await fixture.Identity.ClientOfAsync("alice", "alice123");

        Assert.Equal(HttpStatusCode.Forbidden, (await alice.GetAsync("/api/auth/users")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/api/auth/users/{DevelopmentData.Alice}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync($"/api/auth/users/{DevelopmentData.Bob}")).StatusCode);
    }

    [Fact]
    public async Task An_admin_sees_who_is_locked()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var anyone = identity.CreateClient();
        for (var failure = 0; failure < 5; failure++)
            await anyone.PostAsJsonAsync("/api/auth/login", new { username = "bob", password = "wrong" });

        using var admin = await identity.ClientOfAsync("admin", "admin123");
        var bob = await admin.GetFromJsonAsync<JsonElement>($"/api/auth/users/{DevelopmentData.Bob}");

        Assert.InRange(bob.GetProperty("locked_until").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(4), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    private static async Task ExecuteAsync(IdentityHost identity, string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(identity.Database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> UsernamesAsync(HttpClient client, string address) =>
        [.. (await client.GetFromJsonAsync<JsonElement>(address)).EnumerateArray().Select(account => account.GetProperty("username").GetString()!)];
}
