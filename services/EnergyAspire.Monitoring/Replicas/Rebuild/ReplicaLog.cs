namespace EnergyAspire.Monitoring.Replicas.Rebuild;

internal static partial class ReplicaLog
{
    [LoggerMessage(241, LogLevel.Information, "The copies were compared with their sources: {Rebuilt}")]
    public static partial void Rebuilt(ILogger logger, RebuiltCopies rebuilt);

    [LoggerMessage(242, LogLevel.Error, "Device {DeviceId} can't be copied: {Fault}")]
    public static partial void Faulty(ILogger logger, Guid deviceId, string fault);

    [LoggerMessage(243, LogLevel.Warning, "The copies can't be compared with their sources now: {Reason}")]
    public static partial void Failed(ILogger logger, string reason);
}
