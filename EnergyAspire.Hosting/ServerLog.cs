using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>Log messages about servers.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Creating a database cluster in {Folder}.")]
    public static partial void CreatingCluster(ILogger logger, string folder);

    [LoggerMessage(2, LogLevel.Information, "The server gets the password in the AppHost's secrets.")]
    public static partial void SettingPassword(ILogger logger);

    /// <summary>
    /// Logs a problem in the server's log and on the console. Aspire does so only when the application starts, not when a server is restarted.
    /// </summary>
    public static void Problem(IServiceProvider services, IResource server, string problem)
    {
        Problem(services.GetRequiredService<ResourceLoggerService>().GetLogger(server), server.Name, problem);
        Problem(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerLog).Namespace!), server.Name, problem);
    }

    [LoggerMessage(3, LogLevel.Error, "'{Server}': {Problem}")]
    private static partial void Problem(ILogger logger, string server, string problem);
}
