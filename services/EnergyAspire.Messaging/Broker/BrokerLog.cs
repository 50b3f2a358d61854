using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Broker;

internal static partial class BrokerLog
{
    [LoggerMessage(101, LogLevel.Warning, "{Worker} was interrupted and reconnects")]
    public static partial void WorkInterrupted(ILogger logger, string worker, Exception failure);

    [LoggerMessage(102, LogLevel.Warning, "{EventType} {MessageId} from {Queue} failed in attempt {Attempt} of {Tries}")]
    public static partial void HandlingFailed(ILogger logger, string? eventType, string? messageId, string queue, int attempt, int tries, Exception failure);

    [LoggerMessage(103, LogLevel.Error, "{EventType} {MessageId} from {Queue} moved to its dead-letter queue: {Reason}")]
    public static partial void DeadLettered(ILogger logger, string? eventType, string? messageId, string queue, string reason);

    [LoggerMessage(104, LogLevel.Warning, "{EventType} {MessageId} from {Queue} waits for the database: {Reason}")]
    public static partial void WaitingForDatabase(ILogger logger, string? eventType, string? messageId, string queue, string reason);

    [LoggerMessage(105, LogLevel.Warning, "The outbox can't be read: {Reason}")]
    public static partial void OutboxUnreadable(ILogger logger, string reason);

    [LoggerMessage(108, LogLevel.Warning, "{EventType} {MessageId} in {Queue} was removed: it came through the exchange '{Exchange}', which isn't used for events")]
    public static partial void Refused(ILogger logger, string? eventType, string? messageId, string queue, string exchange);
}
