using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace EnergyAspire.Messaging.Broker;

/// <summary>
/// Work that needs a connection of its own to the broker. A lost connection, also the first one, is opened again with
/// growing delay for as long as the process lives; meanwhile <see cref="BrokerHealth"/> reports it.
/// </summary>
public abstract class BrokerWorker(IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    // A publish may wait for ever for the confirmation of a broker that is gone (rabbitmq-dotnet-client, issue 1930).
    private static readonly TimeSpan TimeToNotice = TimeSpan.FromSeconds(2);

    /// <summary>Name of the work, shown as the connection's name by the broker.</summary>
    protected abstract string Name { get; }

    /// <summary>Waits for what the work needs besides the broker, such as its database.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Works until the connection is lost or <paramref name="cancel"/> is set, which also happens soon after the loss. Unacknowledged messages come again.</summary>
    protected abstract Task WorkAsync(IConnection connection, CancellationToken cancel);

    /// <inheritdoc />
    public sealed override Task StartAsync(CancellationToken cancellationToken)
    {
        // Hosted services start before the server listens, so no one finds the process ready before its workers are.
        health.Disconnected(Name);

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (OpenApiExtensions.IsGeneratingDocuments)
            return;

        await PrepareAsync(stoppingToken);

        var delay = FirstDelay;
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await using var connection = await connections.CreateConnectionAsync(Name, stoppingToken);
                connection.ConnectionShutdownAsync += (_, _) =>
                {
                    lost.CancelAfter(TimeToNotice);
                    return Task.CompletedTask;
                };
                health.Connected(Name);
                await WorkAsync(connection, lost.Token);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                BrokerLog.WorkInterrupted(logger, Name, failure);
            }

            health.Disconnected(Name);
            // Work that fails as soon as it is connected must not be tried in a tight loop either.
            if (time.GetElapsedTime(started) > LongestDelay)
                delay = FirstDelay;
            await Task.Delay(delay, time, stoppingToken);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }
}
