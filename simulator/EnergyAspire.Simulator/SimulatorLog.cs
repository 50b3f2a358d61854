using Microsoft.Extensions.Logging;

namespace EnergyAspire.Simulator;

internal static partial class SimulatorLog
{
    [LoggerMessage(301, LogLevel.Information, "{Meters} meters report every {Interval} from {Start:u} on; devices that are registered should have this interval as reporting_interval_seconds")]
    public static partial void Started(ILogger logger, int meters, TimeSpan interval, DateTimeOffset start);

    [LoggerMessage(302, LogLevel.Information, "Caught up with the present after {Readings} readings; reporting live")]
    public static partial void CaughtUp(ILogger logger, long readings);

    [LoggerMessage(303, LogLevel.Information, "Finished: {Readings} readings sent and confirmed in {Duration}, {Rate} a second")]
    public static partial void Finished(ILogger logger, long readings, TimeSpan duration, long rate);
}
