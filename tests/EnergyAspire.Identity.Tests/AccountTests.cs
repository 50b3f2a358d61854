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
        await using var identity = await fixture.StartAsync(await fixture.Servers.CreateDatabaseAsync("auth"));
        using var anyone = identity.CreateClient();
        for (var failure = 0; failure < 5; failure++)
            await anyone.PostAsJsonAsync("/api/auth/login", new { username = "bob", password = "wrong" });

        using var admin = await identity.ClientOfAsync("admin", "admin123");
        var bob = await admin.GetFromJsonAsync<JsonElement>($"/api/auth/users/{DevelopmentData.Bob}");

        Assert.InRange(bob.GetProperty("locked_until").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(4), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    private static async Task<List<string>> UsernamesAsync(HttpClient client, string address) =>
        [.. (await client.GetFromJsonAsync<JsonElement>(address)).EnumerateArray().Select(account => account.GetProperty("username").GetString()!)];
}
