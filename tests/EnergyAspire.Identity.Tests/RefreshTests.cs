using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Identity.Tests;

public sealed class RefreshTests(IdentityFixture fixture)
{
    [Fact]
    public async Task Refreshing_gives_new_tokens_of_the_same_account()
    {
        var first = (await fixture.Identity.LoginAsync("alice", "alice123")).Tokens();
        using var answer = await RefreshAsync(first.Refresh);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["tokens"], body.EnumerateObject().Select(field => field.Name));
        Assert.Equal(DevelopmentData.Alice, body.GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid());
        Assert.NotEqual(first.Refresh, body.Tokens().Refresh);
        using var client = fixture.Identity.ClientWith(body.Tokens().Access);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/auth/validate")).StatusCode);
    }

    [Fact]
    public async Task A_refresh_token_works_once_and_its_reuse_revokes_the_family()
    {
        var first = (await fixture.Identity.LoginAsync("alice", "alice123")).Tokens();
        var second = await RefreshedAsync(first.Refresh);

        await AssertRefusedAsync(first.Refresh);
        await AssertRefusedAsync(second.Refresh);
    }

    [Fact]
    public async Task A_late_reuse_revokes_the_youngest_descendant_but_no_other_family()
    {
        var other = (await fixture.Identity.LoginAsync("alice", "alice123")).Tokens();
        var first = (await fixture.Identity.LoginAsync("alice", "alice123")).Tokens();
        var third = await RefreshedAsync((await RefreshedAsync(first.Refresh)).Refresh);

        await AssertRefusedAsync(first.Refresh);
        await AssertRefusedAsync(third.Refresh);
        await RefreshedAsync(other.Refresh);
    }

    [Fact]
    public async Task Of_simultaneous_uses_at_most_one_succeeds()
    {
        var tokens = (await fixture.Identity.LoginAsync("bob", "bob123")).Tokens();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefreshAsync(tokens.Refresh)));

        Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), 0, 1);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        foreach (var winner in answers.Where(answer => answer.StatusCode == HttpStatusCode.OK))
            await AssertRefusedAsync((await winner.Content.ReadFromJsonAsync<JsonElement>()).Tokens().Refresh);
    }

    [Fact]
    public async Task Garbage_and_access_tokens_are_refused()
    {
        var tokens = (await fixture.Identity.LoginAsync("bob", "bob123")).Tokens();

        await AssertRefusedAsync("garbage");
        await AssertRefusedAsync(tokens.Access);
    }

    [Fact]
    public async Task A_missing_refresh_token_is_named()
    {
        using var client = fixture.Identity.CreateClient();
        using var answer = await client.PostAsJsonAsync("/api/auth/refresh", new { });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("refresh", problem.GetProperty("errors").EnumerateObject().Single().Name);
    }

    [Fact]
    public async Task Logging_out_revokes_the_family()
    {
        var first = (await fixture.Identity.LoginAsync("alice", "alice123")).Tokens();
        var second = await RefreshedAsync(first.Refresh);
        using var client = fixture.Identity.ClientWith(second.Access);
        using var answer = await client.PostAsJsonAsync("/api/auth/logout", new { refresh = second.Refresh });

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await AssertRefusedAsync(second.Refresh);
    }

    [Fact]
    public async Task Nobody_can_log_out_somebody_else()
    {
        var alice = (await fixture.Identity.LoginAsync("alice", "alice123")).Tokens();
        using var bob = await fixture.Identity.ClientOfAsync("bob", "bob123");
        using var answer = await bob.PostAsJsonAsync("/api/auth/logout", new { refresh = alice.Refresh });

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await RefreshedAsync(alice.Refresh);
    }

    [Fact]
    public async Task Logging_out_needs_a_token_of_each_kind()
    {
        using var anonymous = fixture.Identity.CreateClient();
        using var bob = await fixture.Identity.ClientOfAsync("bob", "bob123");

        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsJsonAsync("/api/auth/logout", new { refresh = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await bob.PostAsJsonAsync("/api/auth/logout", new { })).StatusCode);
    }

    private async Task<HttpResponseMessage> RefreshAsync(string refresh)
    {
        using var client = fixture.Identity.CreateClient();
        return await client.PostAsJsonAsync("/api/auth/refresh", new { refresh });
    }

    private async Task<Tokens> RefreshedAsync(string refresh)
    {
        using var answer = await RefreshAsync(refresh);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).Tokens();
    }

    private async Task AssertRefusedAsync(string refresh)
    {
        using var answer = await RefreshAsync(refresh);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }
}
