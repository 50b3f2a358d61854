using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using EnergyAspire.Users.Profiles;

namespace EnergyAspire.Users.Tests;

/// <summary>One service for the tests that only read.</summary>
public sealed class ReadingService(TestServers servers) : IAsyncLifetime
{
    public ServiceHost<Program> Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await UserService.StartAsync(servers, await UserService.CreateDatabaseAsync(servers));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

public sealed class ProfileTests(ReadingService service, TestServers servers) : IClassFixture<ReadingService>
{
    private readonly HttpClient _admin = service.Host.ClientOf(DevelopmentData.Admin);
    private readonly HttpClient _alice = service.Host.ClientOf(DevelopmentData.Alice);

    [Theory]
    [InlineData("/api/users")]
    [InlineData("/api/users/00000000-0000-7000-8000-0000000000a1")]
    public async Task Without_an_accounts_token_nothing_is_shown(string path)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service.Host.CreateClient(), path));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service.Host.ClientWith("garbage"), path));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(service.Host.ClientWith(TestTokens.ForSaga()), path));
    }

    [Fact]
    public async Task The_list_is_for_admins()
    {
        Assert.Equal(["admin", "alice", "bob"], await UsernamesAsync("/api/users"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_alice, "/api/users"));
    }

    [Fact]
    public async Task A_client_sees_their_own_profile_and_others_look_absent()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_alice, $"/api/users/{DevelopmentData.Alice}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_alice, $"/api/users/{DevelopmentData.Bob}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_admin, $"/api/users/{DevelopmentData.Bob}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_admin, $"/api/users/{Guid.NewGuid()}"));
    }

    [Fact]
    public async Task A_profile_has_the_fields_of_the_contract()
    {
        var profile = await _alice.GetFromJsonAsync<JsonElement>(Relative($"/api/users/{DevelopmentData.Alice}"));

        Assert.Equal(
            ["created_at", "email", "fname", "id", "lname", "phone", "role", "updated_at", "username"],
            profile.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal("alice", profile.GetProperty("username").GetString());
        Assert.Equal("client", profile.GetProperty("role").GetString());
    }

    [Theory]
    [InlineData("ALI", "alice")]
    [InlineData("lindgren", "bob")]
    [InlineData("Ada Keller", "admin")]
    [InlineData("@example.com", "admin,alice,bob")]
    [InlineData("%", "")]
    [InlineData("nobody", "")]
    public async Task Search_finds_a_part_of_username_name_or_address(string term, string usernames) =>
        Assert.Equal(usernames, string.Join(',', await UsernamesAsync($"/api/users?search={Uri.EscapeDataString(term)}")));

    [Theory]
    [InlineData("role=admin", "admin")]
    [InlineData("role=client", "alice,bob")]
    [InlineData("role=client&search=BO", "bob")]
    [InlineData("role=admin&search=bo", "")]
    public async Task The_role_narrows_the_list(string query, string usernames) =>
        Assert.Equal(usernames, string.Join(',', await UsernamesAsync($"/api/users?{query}")));

    [Theory]
    [InlineData("username", "admin,alice,bob")]
    [InlineData("-username", "bob,alice,admin")]
    [InlineData("-username&role=client", "bob,alice")]
    [InlineData("created_at", "admin,alice,bob")]
    public async Task The_list_is_sorted_as_it_is_asked_for(string sort, string usernames) =>
        Assert.Equal(usernames, string.Join(',', await UsernamesAsync($"/api/users?sort={sort}")));

    [Fact]
    public async Task An_order_that_does_not_exist_is_named()
    {
        using var answer = await _admin.GetAsync(Relative("/api/users?sort=email"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("sort", out _));
    }

    [Fact]
    public async Task A_role_that_does_not_exist_is_named()
    {
        using var answer = await _admin.GetAsync(Relative("/api/users?role=king"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("role", out _));
    }

    [Fact]
    public async Task Following_the_links_shows_each_profile_once()
    {
        using var first = await _admin.GetAsync(Relative("/api/users?limit=2"));
        var link = Assert.Single(first.Headers.GetValues("Link"));
        using var second = await _admin.GetAsync(Relative(link[1..link.IndexOf('>', StringComparison.Ordinal)]));

        Assert.EndsWith("; rel=\"next\"", link, StringComparison.Ordinal);
        Assert.Equal(["admin", "alice"], (await first.Content.ReadFromJsonAsync<List<ProfileResponse>>())!.Select(profile => profile.Username));
        Assert.Equal(["bob"], (await second.Content.ReadFromJsonAsync<List<ProfileResponse>>())!.Select(profile => profile.Username));
        Assert.False(second.Headers.Contains("Link"));
    }

    [Fact]
    public async Task Profiles_are_listed_in_the_order_of_the_alphabet_on_pages_that_follow_each_other()
    {
        await using var host = await UserService.StartAsync(servers, await UserService.CreateDatabaseAsync(servers));
        using var saga = host.ClientWith(TestTokens.ForSaga());
        foreach (var username in new[] { "apple", "Zebra", "\u00c4pfel", "banana", "user10", "user9" })
            Assert.Equal(HttpStatusCode.Created, (await saga.SendAsync(HttpMethod.Post, "/api/users", new { id = Guid.NewGuid(), username, role = "client" })).Status);

        var names = new List<string>();
        using var admin = host.ClientOf(DevelopmentData.Admin);
        for (var page = "/api/users?limit=2"; page is not null;)
        {
            using var answer = await admin.GetAsync(Relative(page));
            names.AddRange((await answer.Content.ReadFromJsonAsync<List<ProfileResponse>>())!.Select(profile => profile.Username));
            page = answer.Headers.TryGetValues("Link", out var links) ? links.Single()[1..links.Single().IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(["admin", "alice", "\u00c4pfel", "apple", "banana", "bob", "user9", "user10", "Zebra"], names);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("ten")]
    public async Task A_wrong_limit_is_named(string limit)
    {
        using var answer = await _admin.GetAsync(Relative($"/api/users?limit={limit}"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("limit", out _));
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(Relative(path));
        return answer.StatusCode;
    }

    private async Task<List<string>> UsernamesAsync(string path) =>
        (await _admin.GetFromJsonAsync<List<ProfileResponse>>(Relative(path)))!.ConvertAll(profile => profile.Username);
}
