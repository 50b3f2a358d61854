namespace EnergyAspire.Monitoring.Readings;

internal static partial class IngestLog
{
    [LoggerMessage(201, LogLevel.Warning, "{Count} readings wait for the database: {Reason}")]
    public static partial void WaitingForDatabase(ILogger logger, int count, string reason);

    [LoggerMessage(202, LogLevel.Error, "The database refused a reading, which goes to quarantine: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(203, LogLevel.Information, "{Count} quarantined readings were tried again, because their device appeared or their time has come")]
    public static partial void Replayed(ILogger logger, int count);

    [LoggerMessage(204, LogLevel.Warning, "Quarantined readings can't be tried again yet: {Reason}")]
    public static partial void ReplayFailed(ILogger logger, string reason);
}
