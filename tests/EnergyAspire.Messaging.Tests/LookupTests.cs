using EnergyAspire.Messaging.Broker;
using EnergyAspire.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Messaging.Tests;

/// <summary>Looking for queues and exchanges by name.</summary>
public sealed class LookupTests(TestServers servers)
{
    [Fact]
    public async Task What_a_broker_refuses_to_show_exists_and_what_it_does_not_know_is_missing()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync(cancel);

        Assert.True(await connection.ExistsAsync(look => look.ExchangeDeclarePassiveAsync("amq.topic", cancel), cancel));
        Assert.False(await connection.ExistsAsync(look => look.QueueDeclarePassiveAsync("nobody.declares.this", cancel), cancel));
        // The answers of 4.2.6 and later to accounts without the right; the tests' broker may be older.
        Assert.True(await connection.ExistsAsync(_ => Closed(Constants.AccessRefused), cancel));
        await Assert.ThrowsAsync<OperationInterruptedException>(() => connection.ExistsAsync(_ => Closed(Constants.ResourceLocked), cancel));
    }

    private static Task Closed(ushort code) =>
        Task.FromException(new OperationInterruptedException(new ShutdownEventArgs(ShutdownInitiator.Peer, code, "as a broker says it")));
}
