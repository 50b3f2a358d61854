using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Testing;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;

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
        Assert.Equal(2, await CountAsync(database, "select count(*) from signing_keys"));
    }

    [Fact]
    public async Task Private_keys_are_encrypted_in_the_database() =>
        Assert.Equal(0, await CountAsync(
            fixture.Identity.Database, "select count(*) from signing_keys where material not like '-----BEGIN ENCRYPTED PRIVATE KEY-----%'"));

    [Fact]
    public async Task Without_its_database_the_service_is_up_but_not_ready_and_recovers()
    {
        var existing = await fixture.Servers.CreateDatabaseAsync("auth");
        var name = $"late_{Guid.NewGuid():N}";
        await using var identity = fixture.Create(new NpgsqlConnectionStringBuilder(existing) { Database = name }.ConnectionString);
        using var client = identity.CreateClient();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/alive")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health")).StatusCode);
        using var early = await client.PostAsJsonAsync("/api/auth/login", new { username = "alice", password = "alice123" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, early.StatusCode);
        Assert.Equal("application/problem+json", early.Content.Headers.ContentType!.MediaType);

        await using (var source = NpgsqlDataSource.Create(existing))
        await using (var create = source.CreateCommand($"create database {name}"))
            await create.ExecuteNonQueryAsync();
        await identity.WaitUntilReadyAsync();
        await AssertAcceptedAsync(identity, (await identity.LoginAsync("alice", "alice123")).Tokens());
    }

    [Fact]
    public async Task Development_accounts_are_announced_exactly_once_each()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(fixture.Servers.Broker) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true)).QueueName;
        await channel.ExchangeDeclareAsync(Topology.EventExchange, ExchangeType.Topic, durable: true);
        await channel.QueueBindAsync(queue, Topology.EventExchange, UserCreated.EventType);

        var database = await fixture.Servers.CreateDatabaseAsync("auth");
        for (var start = 0; start < 2; start++)
        {
            await using var identity = await fixture.StartAsync(database);
            await Eventually.TrueAsync(
                async () => await CountAsync(database, "select count(*) from outbox_messages") == 0, "every event is sent");
        }

        var announced = new List<string>();
        while (await channel.BasicGetAsync(queue, autoAck: true) is { } message)
        {
            var envelope = JsonDocument.Parse(Encoding.UTF8.GetString(message.Body.Span)).RootElement;
            Assert.Equal(1, envelope.GetProperty("version").GetInt64());
            announced.Add($"{envelope.GetProperty("data").GetProperty("username")} {envelope.GetProperty("data").GetProperty("role")}");
        }

        Assert.Equal(["admin admin", "alice client", "bob client"], announced.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Outside_development_nobody_exists()
    {
        await using var identity = await fixture.StartAsync(await fixture.Servers.CreateDatabaseAsync("auth"), "Production");
        using var client = identity.CreateClient();
        using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username = "admin", password = "admin123" });

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, await CountAsync(identity.Database, "select count(*) from accounts"));
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

        Assert.Equal(1, await CountAsync(database, "select count(*) from accounts"));
    }

    [Theory]
    [InlineData("Identity:Issuer", "/relative")]
    [InlineData("Identity:KeyPassphrase", "short")]
    [InlineData("Identity:FirstAdmin:Password", "short")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string key, string value)
    {
        await using var identity = fixture.Create("Host=127.0.0.1", settings: new() { [key] = value });

        var failure = Assert.Throws<OptionsValidationException>(() => identity.CreateClient().Dispose());
        Assert.Contains(key[..key.LastIndexOf(':')], failure.Message, StringComparison.Ordinal);
    }

    private static async Task AssertAcceptedAsync(IdentityHost identity, Tokens tokens)
    {
        using var client = identity.ClientWith(tokens.Access);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/auth/validate")).StatusCode);
        using var refreshed = await client.PostAsJsonAsync("/api/auth/refresh", new { refresh = tokens.Refresh });
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
    }

    private static async Task<long> CountAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);

        return (long)(await command.ExecuteScalarAsync())!;
    }
}
