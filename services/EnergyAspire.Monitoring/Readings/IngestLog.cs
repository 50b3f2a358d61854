namespace EnergyAspire.Monitoring.Readings;

internal static partial class IngestLog
{
    [LoggerMessage(201, LogLevel.Warning, "{Count} readings wait for the database: {Reason}")]
    public static partial void WaitingForDatabase(ILogger logger, int count, string reason);

    [LoggerMessage(202, LogLevel.Error, "The database refused a reading, which is quarantined: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(203, LogLevel.Information, "{Count} quarantined readings were retried, because their device or meter is known, it reports what they are, or their time has come")]
    public static partial void Replayed(ILogger logger, int count);

    [LoggerMessage(204, LogLevel.Warning, "Readings by MQTT don't arrive, because the broker refuses to bind their queue: {Reason}")]
    public static partial void MqttNotBound(ILogger logger, string reason);
}
