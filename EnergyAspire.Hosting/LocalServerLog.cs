using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>What local servers write into their resource's log.</summary>
internal static partial class LocalServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Creating a database cluster in {Folder}.")]
    public static partial void CreatingCluster(ILogger logger, string folder);

    [LoggerMessage(2, LogLevel.Information, "The password in the AppHost's secrets has changed; the server gets it.")]
    public static partial void ChangingPassword(ILogger logger);

    [LoggerMessage(3, LogLevel.Error, "{Reason}")]
    public static partial void CannotStart(ILogger logger, string reason);
}
