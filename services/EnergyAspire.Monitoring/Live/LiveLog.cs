namespace EnergyAspire.Monitoring.Live;

internal static partial class LiveLog
{
    [LoggerMessage(301, LogLevel.Warning, "Live updates wait: {Reason}")]
    public static partial void PushFailed(ILogger logger, string reason);

    [LoggerMessage(304, LogLevel.Information, "A push to a live connection of account {AccountId} failed; the next push contains all its devices: {Reason}")]
    public static partial void SendFailed(ILogger logger, Guid accountId, string reason);

    [LoggerMessage(303, LogLevel.Information, "A live connection of account {AccountId} was closed, because the account changed")]
    public static partial void Closed(ILogger logger, Guid accountId);
}
