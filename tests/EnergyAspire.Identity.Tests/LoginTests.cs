using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace EnergyAspire.Identity.Tests;

public sealed class LoginTests(IdentityFixture fixture)
{
    [Fact]
    public async Task Login_answers_with_tokens_and_the_account()
    {
        var answer = await fixture.Identity.LoginAsync("alice", "alice123");

        Assert.Equal(["message", "tokens"], answer.EnumerateObject().Select(field => field.Name));
        var tokens = answer.GetProperty("tokens");
        Assert.Equal(["access", "refresh", "expires_in", "user"], tokens.EnumerateObject().Select(field => field.Name));
        Assert.Equal(5 * 60 * 60, tokens.GetProperty("expires_in").GetInt64());
        var user = tokens.GetProperty("user");
        Assert.Equal(["id", "username", "role"], user.EnumerateObject().Select(field => field.Name));
        Assert.Equal(DevelopmentData.Alice, user.GetProperty("id").GetGuid());
        Assert.Equal("alice", user.GetProperty("username").GetString());
        Assert.Equal("client", user.GetProperty("role").GetString());
    }

    [Fact]
    public async Task An_access_token_carries_the_claims_of_the_contract()
    {
        var token = new JsonWebToken((await fixture.Identity.LoginAsync("admin", "admin123")).Tokens().Access);

        Assert.Equal("at+jwt", token.Typ);
        Assert.Equal("RS256", token.Alg);
        Assert.Equal(DevelopmentData.Admin.ToString(), token.Subject);
        Assert.Equal("admin", token.GetClaim("username").Value);
        Assert.Equal("admin", token.GetClaim("role").Value);
        Assert.Equal(IdentityHost.Issuer, token.Issuer);
        Assert.Equal(["energy-api"], token.Audiences);
        Assert.NotEmpty(token.GetClaim("jti").Value);
        Assert.Equal(TimeSpan.FromHours(5), token.ValidTo - token.IssuedAt);
    }

    [Fact]
    public async Task Names_are_found_in_any_case() =>
        Assert.Equal("alice", (await fixture.Identity.LoginAsync("ALICE", "alice123")).GetProperty("tokens").GetProperty("user").GetProperty("username").GetString());

    [Fact]
    public async Task An_unknown_user_and_a_wrong_password_get_the_same_answer()
    {
        using var unknown = await PostAsync(new { username = "nobody-knows", password = "wrong-password" });
        using var wrong = await PostAsync(new { username = "bob", password = "wrong-password" });

        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("application/problem+json", wrong.Content.Headers.ContentType!.MediaType);
        Assert.Equal(await WithoutTraceAsync(unknown), await WithoutTraceAsync(wrong));
    }

    [Theory]
    [InlineData("alice", "alice123")]
    [InlineData("nobody", "nothing")]
    public async Task Five_failures_lock_a_name_for_five_minutes_whether_it_exists_or_not(string username, string password)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync(), time: time);
        using var client = identity.CreateClient();

        for (var failure = 0; failure < 5; failure++)
        {
            using var refused = await client.PostAsJsonAsync("/api/auth/login", new { username, password = "wrong" });
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var locked = await client.PostAsJsonAsync("/api/auth/login", new { username = username.ToUpperInvariant(), password });
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(5), locked.Headers.RetryAfter!.Delta);
        Assert.Equal("application/problem+json", locked.Content.Headers.ContentType!.MediaType);

        time.Advance(TimeSpan.FromMinutes(5));
        using var open = await client.PostAsJsonAsync("/api/auth/login", new { username, password });
        Assert.Equal(username == "alice" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, open.StatusCode);
    }

    [Fact]
    public async Task Failures_at_the_same_moment_all_count()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var client = identity.CreateClient();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.PostAsJsonAsync("/api/auth/login", new { username = "bob", password = "wrong" })));
        using var locked = await client.PostAsJsonAsync("/api/auth/login", new { username = "bob", password = "bob123" });

        Assert.Equal(HttpStatusCode.TooManyRequests, locked.StatusCode);
    }

    [Fact]
    public async Task Guesses_at_the_same_moment_are_not_more_than_the_limit()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var client = identity.CreateClient();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            client.PostAsJsonAsync("/api/auth/login", new { username = "bob", password = "wrong" })));

        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        Assert.Equal(15, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task A_slash_at_the_end_does_not_turn_a_sign_in_into_something_else()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var client = identity.CreateClient();

        using var answer = await client.PostAsJsonAsync("/api/auth/login/", new { username = "bob", password = "bob123" });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_success_forgets_earlier_failures()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var client = identity.CreateClient();

        for (var attempt = 0; attempt < 10; attempt++)
        {
            var password = attempt == 4 ? "bob123" : "wrong";
            using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username = "bob", password });
            Assert.Equal(attempt == 4 ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("{}", "username,password")]
    [InlineData("""{"username": "alice"}""", "password")]
    [InlineData("""{"username": "", "password": 5}""", "username,password")]
    public async Task Missing_fields_are_named(string body, string fields)
    {
        using var answer = await PostTextAsync(body, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(fields.Split(','), problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Theory]
    [InlineData("{\"username\": ", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("\"\\ud800\"", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{\"username\": \"\\ud800\", \"password\": \"x\"}", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{\"\\ud800\": \"x\", \"username\": \"alice\", \"password\": \"alice123\"}", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("username=alice&password=alice123", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("username=alice", "application/x-www-form-urlencoded", HttpStatusCode.BadRequest)]
    [InlineData("username=alice&username=bob&password=alice123", "application/x-www-form-urlencoded", HttpStatusCode.BadRequest)]
    public async Task Other_bodies_are_refused_as_problems(string body, string contentType, HttpStatusCode expected)
    {
        using var answer = await PostTextAsync(body, contentType);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_form_signs_in_as_JSON_does()
    {
        using var answer = await PostTextAsync("username=alice&password=alice123", "application/x-www-form-urlencoded");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("alice", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens").GetProperty("user").GetProperty("username").GetString());
    }

    [Theory]
    [InlineData("/api/auth/login", """{"username": "alice", "password": "alice123", "otp": "1"}""", "otp")]
    [InlineData("/api/auth/register", """{"username": "carol", "password": "carol-carol", "first_name": "Carol"}""", "first_name")]
    [InlineData("/api/auth/register", """{"username": "carol", "password": "carol-carol", "role": "admin"}""", "role")]
    [InlineData("/api/auth/register", """{"username": "\u0430dmin", "password": "carol-carol"}""", "username")]
    public async Task What_would_have_no_effect_is_refused_by_name(string path, string body, string field)
    {
        using var client = fixture.Identity.CreateClient();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(path, content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Single().Name);
    }

    [Fact]
    public async Task Names_that_no_account_can_have_are_unknown()
    {
        using var answer = await PostAsync(new { username = string.Concat(Enumerable.Repeat("long", 1000)), password = "wrong" });

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Login_is_for_posts_only()
    {
        using var client = fixture.Identity.CreateClient();
        using var answer = await client.GetAsync("/api/auth/login");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task The_standard_token_endpoint_grants_the_same_tokens()
    {
        using var client = fixture.Identity.CreateClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "energy-web",
            ["username"] = "alice",
            ["password"] = "alice123",
            ["scope"] = "offline_access",
        });
        using var answer = await client.PostAsync("/connect/token", form);
        var tokens = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Bearer", tokens.GetProperty("token_type").GetString());
        using var signedIn = fixture.Identity.ClientWith(tokens.GetProperty("access_token").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await signedIn.GetAsync("/api/auth/validate")).StatusCode);
    }

    [Fact]
    public async Task The_standard_token_endpoint_refuses_the_standard_way()
    {
        using var client = fixture.Identity.CreateClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "energy-web",
            ["username"] = "nobody-here",
            ["password"] = "wrong",
        });
        using var answer = await client.PostAsync("/connect/token", form);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("invalid_grant", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString());
    }

    private static async Task<string> WithoutTraceAsync(HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadFromJsonAsync<JsonObject>();
        Assert.True(problem!.Remove("trace_id"));

        return problem.ToJsonString();
    }

    private async Task<HttpResponseMessage> PostAsync(object body)
    {
        using var client = fixture.Identity.CreateClient();
        return await client.PostAsJsonAsync("/api/auth/login", body);
    }

    private async Task<HttpResponseMessage> PostTextAsync(string body, string contentType)
    {
        using var client = fixture.Identity.CreateClient();
        using var content = new StringContent(body, Encoding.UTF8, contentType);
        return await client.PostAsync("/api/auth/login", content);
    }
}
