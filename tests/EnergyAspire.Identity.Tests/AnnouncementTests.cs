using System.Text;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Identity.Tests;

/// <summary>Tests that listen to the broker, where services that other tests start would be heard too.</summary>
[CollectionDefinition(nameof(AnnouncementTests), DisableParallelization = true)]
public sealed class ListenAlone;

[Collection(nameof(AnnouncementTests))]
public sealed class AnnouncementTests(IdentityFixture fixture)
{
    [Fact]
    public async Task Development_accounts_are_announced_exactly_once_each()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(fixture.Servers.Broker) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true)).QueueName;
        await channel.ExchangeDeclareAsync(Topology.EventExchange, ExchangeType.Topic, durable: true);
        await channel.QueueBindAsync(queue, Topology.EventExchange, UserCreated.EventType);

        var database = await fixture.CreateDatabaseAsync();
        for (var start = 0; start < 2; start++)
        {
            await using var identity = await fixture.StartAsync(database);
            await Eventually.TrueAsync(
                async () => await IdentityFixture.CountAsync(database, "select count(*) from outbox_messages") == 0, "every event is sent");
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
}
