using System.Diagnostics;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Messaging.Broker;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>
/// Consumes one event queue. A message's effect and its inbox row are committed together, then the message is acknowledged. A message that fails in
/// all attempts is moved to the dead-letter queue with the reason. While the database is unavailable, messages wait. A message that came neither
/// through the event exchange nor through the replay exchange is logged and dropped.
/// </summary>
internal sealed class EventConsumer<TContext>(
    IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger<EventConsumer<TContext>> logger,
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> database,
    EventQueue queue, EventHandlers<TContext> handlers, EventConsumerOptions options, MessagingMetrics metrics)
    : BrokerWorker(connections, health, time, logger)
    where TContext : DbContext
{
    private static readonly TimeSpan DatabaseDelay = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = time;

    protected override string Name => $"{queue.Name} consumer";

    protected override Task PrepareAsync(CancellationToken cancel) => database.WaitAsync(cancel);

    protected override async Task WorkAsync(IConnection connection, CancellationToken cancel)
    {
        await connection.DeclareEventTopologyAsync(queue, cancel);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
                consumerDispatchConcurrency: options.Concurrency),
            cancel);
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: (ushort)(options.Concurrency * 4), global: false, cancel);

        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) => ReceiveAsync(channel, message, failed, cancel);
        await await Task.WhenAny(channel.ConsumeUntilStoppedAsync(queue.Name, consumer, cancel), failed.Task);
    }

    private async Task ReceiveAsync(IChannel channel, BasicDeliverEventArgs message, TaskCompletionSource failed, CancellationToken cancel)
    {
        try
        {
            if (!queue.Trusts(message.Exchange))
                Refuse(message);
            else if (await HandleWithRetriesAsync(message, cancel) is { } failure)
                await DeadLetterAsync(channel, message, failure, cancel);

            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The message isn't acknowledged, so it is redelivered to another replica or after the next start.
        }
        catch (RabbitMQ.Client.Exceptions.AlreadyClosedException)
        {
            // The channel is closed, so the broker redelivers the message.
        }
        catch (Exception failure)
        {
            // On an open channel the unacknowledged message would never be redelivered. Closing the channel and opening a new one redelivers it.
            failed.TrySetException(failure);
        }
    }

    // Dropped instead of dead-lettered, because any account that can publish could fill the dead-letter queue.
    private void Refuse(BasicDeliverEventArgs message)
    {
        metrics.Refused(queue.Name);
        BrokerLog.Refused(logger, message.RoutingKey, message.BasicProperties.MessageId, queue.Name, message.Exchange);
    }

    /// <returns>Null when handled; otherwise the failure of the last attempt.</returns>
    private async Task<Exception?> HandleWithRetriesAsync(BasicDeliverEventArgs message, CancellationToken cancel)
    {
        var tries = options.RetryDelays.Count + 1;
        for (var attempt = 1; ;)
        {
            try
            {
                await HandleOnceAsync(message, cancel);
                return null;
            }
            catch (Exception failure) when (failure is JsonException or NotSupportedException or FormatException)
            {
                return failure;
            }
            catch (Exception failure) when (failure.IsDatabaseAway())
            {
                BrokerLog.WaitingForDatabase(
                    logger, message.RoutingKey, message.BasicProperties.MessageId, queue.Name, failure.GetBaseException().Message);
                await Task.Delay(DatabaseDelay, _time, cancel);
            }
            catch (Exception failure) when (!cancel.IsCancellationRequested)
            {
                BrokerLog.HandlingFailed(
                    logger, message.RoutingKey, message.BasicProperties.MessageId, queue.Name, attempt, tries, failure);
                if (attempt == tries)
                    return failure;

                await Task.Delay(options.RetryDelays[attempt - 1], _time, cancel);
                attempt++;
            }
        }
    }

    private async Task HandleOnceAsync(BasicDeliverEventArgs message, CancellationToken cancel)
    {
        var id = Guid.Parse(message.BasicProperties.MessageId ?? throw new FormatException("The message has no message_id."));
        using var activity = MessagingTelemetry.Source.StartActivity($"{message.RoutingKey} handle", ActivityKind.Consumer);
        var started = _time.GetTimestamp();
        try
        {
            await HandleInTransactionAsync(id, message, cancel);
            metrics.Processed(queue.Name, message.RoutingKey, _time.GetElapsedTime(started), failure: null);
        }
        catch (Exception failure)
        {
            metrics.Processed(queue.Name, message.RoutingKey, _time.GetElapsedTime(started), failure);
            activity?.SetStatus(ActivityStatusCode.Error, failure.GetBaseException().Message);
            throw;
        }
    }

    private async Task HandleInTransactionAsync(Guid id, BasicDeliverEventArgs message, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TContext>();

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (!await db.TryRecordAsync(id, queue.Name, _time.GetUtcNow(), cancel))
            return;

        await handlers.HandleAsync(message.RoutingKey, message.Body, db, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task DeadLetterAsync(IChannel channel, BasicDeliverEventArgs message, Exception failure, CancellationToken cancel)
    {
        var properties = new BasicProperties(message.BasicProperties) { Persistent = true };
        properties.Headers = new Dictionary<string, object?>(message.BasicProperties.Headers ?? new Dictionary<string, object?>())
        {
            [DeadLetterHeaders.Reason] = $"{failure.GetType().Name}: {failure.GetBaseException().Message}",
            [DeadLetterHeaders.At] = _time.GetUtcNow().ToString("O"),
            [DeadLetterHeaders.RoutingKey] = message.RoutingKey,
        };
        await channel.BasicPublishAsync(queue.DeadLetterExchange, message.RoutingKey, mandatory: true, properties, message.Body, cancel);
        metrics.DeadLettered(queue.Name, message.RoutingKey, failure);
        BrokerLog.DeadLettered(logger, message.RoutingKey, message.BasicProperties.MessageId, queue.Name, failure.GetBaseException().Message);
    }
}
