namespace EnergyAspire.Monitoring.Live;

internal static partial class LiveLog
{
    [LoggerMessage(301, LogLevel.Warning, "Live updates wait: {Reason}")]
    public static partial void PushFailed(ILogger logger, string reason);

    [LoggerMessage(304, LogLevel.Information, "A live connection of account {AccountId} didn't take a push, and is shown all with the next: {Reason}")]
    public static partial void SendFailed(ILogger logger, Guid accountId, string reason);

    [LoggerMessage(302, LogLevel.Warning, "It can't be asked whose live connections to close: {Reason}")]
    public static partial void StandingsUnknown(ILogger logger, string reason);

    [LoggerMessage(303, LogLevel.Information, "A live connection of account {AccountId} was closed, because the account changed")]
    public static partial void Closed(ILogger logger, Guid accountId);
}
