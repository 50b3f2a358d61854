using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace EnergyAspire.Messaging.Broker;

/// <summary>
/// Base of workers that need their own connection to the broker. A connection that fails or is lost is opened again with exponential back-off for as
/// long as the process runs. Meanwhile <see cref="BrokerHealth"/> reports the process as not ready.
/// </summary>
public abstract class BrokerWorker(IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    // Time that work may take to stop by itself after the connection is lost. A publish may wait forever for the confirm of a lost broker
    // (rabbitmq-dotnet-client, issue 1930).
    private static readonly TimeSpan TimeToNotice = TimeSpan.FromSeconds(2);

    /// <summary>Name of the worker; also the connection's name at the broker.</summary>
    protected abstract string Name { get; }

    /// <summary>Waits for other dependencies of the work, such as its database.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>
    /// Does the work until the connection is lost or <paramref name="cancel"/> is set, which also happens soon after the loss. Unacknowledged
    /// messages are redelivered.
    /// </summary>
    protected abstract Task WorkAsync(IConnection connection, CancellationToken cancel);

    /// <inheritdoc />
    public sealed override Task StartAsync(CancellationToken cancellationToken)
    {
        // Hosted services start before the server listens, so the process is never ready before its workers are.
        health.Disconnected(Name);

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
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
            // The back-off is reset only after a long run, so that work that fails right after connecting isn't retried in a tight loop.
            if (time.GetElapsedTime(started) > LongestDelay)
                delay = FirstDelay;
            await Task.Delay(delay, time, stoppingToken);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }
}
