using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Broker;

internal static partial class BrokerLog
{
    [LoggerMessage(101, LogLevel.Warning, "{Worker} was interrupted and connects again")]
    public static partial void WorkInterrupted(ILogger logger, string worker, Exception failure);

    [LoggerMessage(102, LogLevel.Warning, "{EventType} {MessageId} from {Queue} failed in try {Attempt} of {Tries}")]
    public static partial void HandlingFailed(ILogger logger, string? eventType, string? messageId, string queue, int attempt, int tries, Exception failure);

    [LoggerMessage(103, LogLevel.Error, "{EventType} {MessageId} from {Queue} moved to its dead-letter queue: {Reason}")]
    public static partial void DeadLettered(ILogger logger, string? eventType, string? messageId, string queue, string reason);

    [LoggerMessage(104, LogLevel.Warning, "{EventType} {MessageId} from {Queue} waits for the database: {Reason}")]
    public static partial void WaitingForDatabase(ILogger logger, string? eventType, string? messageId, string queue, string reason);

    [LoggerMessage(105, LogLevel.Warning, "The outbox can't be read: {Reason}")]
    public static partial void OutboxUnreadable(ILogger logger, string reason);

    [LoggerMessage(106, LogLevel.Warning, "Old rows of the inbox can't be removed now: {Reason}")]
    public static partial void InboxNotCleaned(ILogger logger, string reason);

    [LoggerMessage(107, LogLevel.Warning, "Old rows of {Table} can't be removed now: {Reason}")]
    public static partial void CleaningFailed(ILogger logger, string table, string reason);
}
