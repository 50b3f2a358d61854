using System.Net;
using System.Net.Http.Json;
using EnergyAspire.Testing;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Identity.Tests;

public sealed class StartTests(IdentityFixture fixture)
{
    [Fact]
    public async Task Keys_survive_a_restart()
    {
        var database = await fixture.Servers.CreateDatabaseAsync("auth");
        Tokens tokens;
        await using (var before = await fixture.StartAsync(database))
            tokens = (await before.LoginAsync("alice", "alice123")).Tokens();
        await using var after = await fixture.StartAsync(database);

        await AssertAcceptedAsync(after, tokens);
    }

    [Fact]
    public async Task Replicas_that_start_together_agree_on_the_keys()
    {
        var database = await fixture.Servers.CreateDatabaseAsync("auth");
        await using var one = fixture.Create(database);
        await using var other = fixture.Create(database);
        await Task.WhenAll(Task.Run(one.WaitUntilReadyAsync), Task.Run(other.WaitUntilReadyAsync));

        await AssertAcceptedAsync(other, (await one.LoginAsync("alice", "alice123")).Tokens());
        await AssertAcceptedAsync(one, (await other.LoginAsync("bob", "bob123")).Tokens());
        Assert.Equal(2, await IdentityFixture.CountAsync(database, "select count(*) from signing_keys"));
    }

    [Fact]
    public async Task Private_keys_are_encrypted_in_the_database() =>
        Assert.Equal(0, await IdentityFixture.CountAsync(
            fixture.Identity.Database, "select count(*) from signing_keys where material not like '-----BEGIN ENCRYPTED PRIVATE KEY-----%'"));

    [Fact]
    public async Task Without_its_database_the_service_is_up_but_not_ready_and_recovers()
    {
        var database = await fixture.Servers.CreateDatabaseAsync("auth");
        await AllowConnectionsAsync(database, false);
        await using var identity = fixture.Create(database);
        using var client = identity.CreateClient();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/alive")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health")).StatusCode);
        using var early = await client.PostAsJsonAsync("/api/auth/login", new { username = "alice", password = "alice123" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, early.StatusCode);
        Assert.Equal("application/problem+json", early.Content.Headers.ContentType!.MediaType);

        await AllowConnectionsAsync(database, true);
        await identity.WaitUntilReadyAsync();
        await AssertAcceptedAsync(identity, (await identity.LoginAsync("alice", "alice123")).Tokens());
    }

    [Fact]
    public async Task Outside_development_nobody_exists()
    {
        await using var identity = await fixture.StartAsync(await fixture.Servers.CreateDatabaseAsync("auth"), "Production");
        using var client = identity.CreateClient();
        using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username = "admin", password = "admin123" });

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, await IdentityFixture.CountAsync(identity.Database, "select count(*) from accounts"));
    }

    [Fact]
    public async Task The_first_admin_comes_from_configuration()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Identity:FirstAdmin:Username"] = "operator",
            ["Identity:FirstAdmin:Password"] = "correct horse battery",
        };
        var database = await fixture.Servers.CreateDatabaseAsync("auth");
        for (var start = 0; start < 2; start++)
        {
            await using var identity = await fixture.StartAsync(database, "Production", settings: settings);
            var answer = await identity.LoginAsync("operator", "correct horse battery");
            Assert.Equal("admin", answer.GetProperty("tokens").GetProperty("user").GetProperty("role").GetString());
        }

        Assert.Equal(1, await IdentityFixture.CountAsync(database, "select count(*) from accounts"));
    }

    [Fact]
    public async Task Known_passwords_of_development_open_nothing_in_production()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Identity:FirstAdmin:Username"] = "operator",
            ["Identity:FirstAdmin:Password"] = "correct horse battery",
        };
        var database = await fixture.Servers.CreateDatabaseAsync("auth");
        Tokens tokens;
        await using (var development = await fixture.StartAsync(database))
            tokens = (await development.LoginAsync("admin", "admin123")).Tokens();

        for (var start = 0; start < 2; start++)
        {
            await using var production = await fixture.StartAsync(database, "Production", settings: settings);
            using var client = production.ClientWith(tokens.Access);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/auth/validate")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsJsonAsync("/api/auth/refresh", new { refresh = tokens.Refresh })).StatusCode);
            foreach (var name in new[] { "admin", "alice", "bob" })
            {
                using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username = name, password = $"{name}123" });
                Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            }

            await production.LoginAsync("operator", "correct horse battery");
        }

        Assert.Equal(3, await IdentityFixture.CountAsync(database, "select count(*) from audit_records where action = 'account_locked'"));
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("Bob")]
    public async Task The_first_admin_takes_the_name_of_an_account_of_development(string username)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Identity:FirstAdmin:Username"] = username,
            ["Identity:FirstAdmin:Password"] = "correct horse battery",
        };
        var known = $"{username.ToLowerInvariant()}123";
        var database = await fixture.Servers.CreateDatabaseAsync("auth");
        Tokens tokens;
        await using (var development = await fixture.StartAsync(database))
            tokens = (await development.LoginAsync(username, known)).Tokens();

        for (var start = 0; start < 2; start++)
        {
            await using var production = await fixture.StartAsync(database, "Production", settings: settings);
            using var client = production.ClientWith(tokens.Access);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/auth/validate")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsJsonAsync("/api/auth/refresh", new { refresh = tokens.Refresh })).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsJsonAsync("/api/auth/login", new { username, password = known })).StatusCode);
            Assert.Equal(HttpStatusCode.TooManyRequests, (await client.PostAsJsonAsync("/api/auth/login", new { username = "alice", password = "alice123" })).StatusCode);

            var answer = await production.LoginAsync(username, "correct horse battery");
            Assert.Equal("admin", answer.GetProperty("tokens").GetProperty("user").GetProperty("role").GetString());
        }

        Assert.Equal(3, await IdentityFixture.CountAsync(database, "select count(*) from accounts"));
    }

    [Fact]
    public async Task A_first_admin_whose_name_is_taken_does_not_stop_the_start()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Identity:FirstAdmin:Username"] = "bob",
            ["Identity:FirstAdmin:Password"] = "correct horse battery",
        };
        var database = await fixture.Servers.CreateDatabaseAsync("auth");
        await using (var development = await fixture.StartAsync(database))
        {
            using var bob = await development.ClientOfAsync("bob", "bob123");
            using var changed = await bob.PutAsJsonAsync("/api/auth/me/password", new { current_password = "bob123", new_password = "bob's own password" });
            Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        }

        await using var production = await fixture.StartAsync(database, "Production", settings: settings);
        var answer = await production.LoginAsync("bob", "bob's own password");
        Assert.Equal("client", answer.GetProperty("tokens").GetProperty("user").GetProperty("role").GetString());
        using var client = production.CreateClient();
        using var admin = await client.PostAsJsonAsync("/api/auth/login", new { username = "admin", password = "admin123" });
        Assert.Equal(HttpStatusCode.TooManyRequests, admin.StatusCode);
    }

    [Theory]
    [InlineData("Identity:Issuer", "/relative")]
    [InlineData("Identity:KeyPassphrase", "short")]
    [InlineData("Identity:FirstAdmin:Password", "short")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string key, string value)
    {
        var failure = await RefusalAsync(new() { [key] = value });

        Assert.Contains(key[..key.LastIndexOf(':')], failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("energyaspire1")]
    [InlineData("rootrootroot")]
    public async Task A_first_administrator_s_password_is_not_one_of_the_first_that_others_would_try(string password)
    {
        var failure = await RefusalAsync(new() { ["Identity:FirstAdmin:Username"] = "root", ["Identity:FirstAdmin:Password"] = password });

        Assert.StartsWith("Identity:FirstAdmin:Password ", failure.Message, StringComparison.Ordinal);
    }

    private async Task<OptionsValidationException> RefusalAsync(Dictionary<string, string?> settings) =>
        Assert.IsType<OptionsValidationException>(await RefusedStart.ReasonAsync(async () =>
        {
            await using var identity = fixture.Create("Host=127.0.0.1", settings: settings);
            identity.CreateClient().Dispose();
        }));

    private static async Task AssertAcceptedAsync(IdentityHost identity, Tokens tokens)
    {
        using var client = identity.ClientWith(tokens.Access);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/auth/validate")).StatusCode);
        using var refreshed = await client.PostAsJsonAsync("/api/auth/refresh", new { refresh = tokens.Refresh });
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
    }

    private static async Task AllowConnectionsAsync(string database, bool allowed)
    {
        var address = new NpgsqlConnectionStringBuilder(database);
        var name = address.Database;
        address.Database = "postgres";
        await using var source = NpgsqlDataSource.Create(address);
        await using var command = source.CreateCommand($"alter database {name} allow_connections {allowed}");
        await command.ExecuteNonQueryAsync();
    }
}
