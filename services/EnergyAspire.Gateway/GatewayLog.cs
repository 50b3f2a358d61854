namespace EnergyAspire.Gateway;

internal static partial class GatewayLog
{
    [LoggerMessage(401, LogLevel.Warning, "Identity can't be reached: {Reason}")]
    public static partial void IdentityUnreachable(ILogger logger, string reason);

    [LoggerMessage(402, LogLevel.Information, "The session of account {AccountId} ended: Identity refused to renew its tokens")]
    public static partial void RenewalRefused(ILogger logger, Guid accountId);

    [LoggerMessage(403, LogLevel.Warning, "{Service} can't be reached: {Error}")]
    public static partial void ServiceUnreachable(ILogger logger, string service, string error);

    [LoggerMessage(404, LogLevel.Warning, "Refused a request that another site may have forged: {Method} {Path} from {Origin}")]
    public static partial void Forged(ILogger logger, string method, string path, string origin);

    [LoggerMessage(405, LogLevel.Error, "The end of a session can't be recorded in Redis, so other replicas don't know it: {Reason}")]
    public static partial void EndNotShared(ILogger logger, string reason);
}
