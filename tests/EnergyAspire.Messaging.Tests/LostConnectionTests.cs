using EnergyAspire.Messaging.Broker;
using EnergyAspire.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace EnergyAspire.Messaging.Tests;

public sealed class LostConnectionTests(TestServers servers)
{
    [Fact]
    public async Task Work_that_does_not_notice_the_loss_of_its_connection_is_begun_anew()
    {
        await using var cable = Cables.ToBroker(servers, out var broker);
        using var worker = new DeafWorker(new ConnectionFactory { Uri = new Uri(broker), AutomaticRecoveryEnabled = false });
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(worker.Begun == 1), "the work has begun");

        cable.Drop();

        await Eventually.TrueAsync(() => Task.FromResult(worker.Begun == 2), "the work has begun anew");
        await worker.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for a confirmation that never comes.</summary>
    private sealed class DeafWorker(IConnectionFactory connections)
        : BrokerWorker(connections, new BrokerHealth(), TimeProvider.System, NullLogger.Instance)
    {
        private int _begun;

        public int Begun => Volatile.Read(ref _begun);

        protected override string Name => "deaf";

        protected override Task WorkAsync(IConnection connection, CancellationToken cancel)
        {
            Interlocked.Increment(ref _begun);
            return Task.Delay(Timeout.Infinite, cancel);
        }
    }
}
