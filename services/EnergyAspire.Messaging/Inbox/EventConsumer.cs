using System.Diagnostics;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>
/// Follows one event queue: each message's effect and its inbox row commit together, then it is acknowledged.
/// A message that keeps failing moves to the dead-letter queue with its reason; while the database is away messages wait.
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
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
                consumerDispatchConcurrency: options.Concurrency),
            cancel);
        await channel.DeclareEventTopologyAsync(cancel);
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
            if (await HandleWithRetriesAsync(message, cancel) is { } failure)
                await DeadLetterAsync(channel, message, failure, cancel);

            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Unacknowledged, so another replica or the next start gets it again.
        }
        catch (RabbitMQ.Client.Exceptions.AlreadyClosedException)
        {
            // The channel is gone; the broker delivers the message again.
        }
        catch (Exception failure)
        {
            // Unacknowledged on an open channel it would stay away for good, so a new channel gets it again.
            failed.TrySetException(failure);
        }
    }

    /// <returns>Null when handled, else the failure of the last try.</returns>
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
                    logger, EventTypeOf(message), message.BasicProperties.MessageId, queue.Name, failure.GetBaseException().Message);
                await Task.Delay(DatabaseDelay, _time, cancel);
            }
            catch (Exception failure) when (!cancel.IsCancellationRequested)
            {
                BrokerLog.HandlingFailed(
                    logger, EventTypeOf(message), message.BasicProperties.MessageId, queue.Name, attempt, tries, failure);
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
        using var activity = MessagingTelemetry.Source.StartActivity($"{EventTypeOf(message)} handle", ActivityKind.Consumer);
        var started = _time.GetTimestamp();
        try
        {
            await HandleInTransactionAsync(id, message, cancel);
            metrics.Processed(queue.Name, EventTypeOf(message), _time.GetElapsedTime(started), failure: null);
        }
        catch (Exception failure)
        {
            metrics.Processed(queue.Name, EventTypeOf(message), _time.GetElapsedTime(started), failure);
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

        await handlers.HandleAsync(EventTypeOf(message), message.Body, db, cancel);
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
            [DeadLetterHeaders.RoutingKey] = EventTypeOf(message),
        };
        await channel.BasicPublishAsync("", queue.DeadLetterQueue, mandatory: true, properties, message.Body, cancel);
        metrics.DeadLettered(queue.Name, EventTypeOf(message), failure);
        BrokerLog.DeadLettered(logger, EventTypeOf(message), message.BasicProperties.MessageId, queue.Name, failure.GetBaseException().Message);
    }

    /// <summary>The routing key; that of its first delivery for a message that was moved back from the dead letters.</summary>
    private static string EventTypeOf(BasicDeliverEventArgs message) =>
        DeadLetterHeaders.Read(message.BasicProperties, DeadLetterHeaders.RoutingKey) ?? message.RoutingKey;
}
