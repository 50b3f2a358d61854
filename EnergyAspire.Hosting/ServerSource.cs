using System.ComponentModel;
using System.Diagnostics;
using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>Where PostgreSQL and RabbitMQ come from when no connection string names an existing server.</summary>
public enum ServerSource
{
    /// <summary>The container engine runs them in Aspire's default images.</summary>
    Containers,

    /// <summary>The programs that are installed on this machine run as Aspire resources.</summary>
    Local,
}

/// <summary>What an AppHost may ask about the source of servers.</summary>
public static class ServerSourceExtensions
{
    extension(IDistributedApplicationBuilder builder)
    {
        /// <summary>Whether servers run in containers; else they are programs of this machine. See <see cref="ServerSource"/>.</summary>
        public bool UsesContainers => builder.ChooseServerSource() == ServerSource.Containers;
    }
}

/// <summary>Chooses the source of servers for an application.</summary>
internal static partial class ServerSources
{
    private const string Setting = "Servers";

    private static readonly TimeSpan EngineTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Reads the setting <c>Servers</c> (<c>local</c> or <c>containers</c>). Without it the source is a container engine if one responds, else
    /// the programs of this machine. A published application always uses containers. The choice and its reason are logged when the application
    /// starts.
    /// </summary>
    /// <exception cref="DistributedApplicationException">The setting has another value.</exception>
    public static ServerSource ChooseServerSource(this IDistributedApplicationBuilder builder)
    {
        if (builder.Services.FirstOrDefault(service => service.ServiceType == typeof(Choice))?.ImplementationInstance is Choice made)
            return made.Source;

        var choice = Choose(builder);
        builder.Services.AddSingleton(choice);
        if (builder.ExecutionContext.IsRunMode)
        {
            builder.OnBeforeStart((start, _) =>
            {
                var logger = start.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerSources).Namespace!);
                LogChoice(logger, choice.Source == ServerSource.Local ? "this machine's programs" : "containers", choice.Reason);
                return Task.CompletedTask;
            });
        }

        return choice.Source;
    }

    private static Choice Choose(IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsPublishMode)
            return new(ServerSource.Containers, "the application is published");

        if (builder.Configuration[Setting] is { Length: > 0 } setting)
        {
            return Enum.TryParse<ServerSource>(setting, ignoreCase: true, out var wanted) && Enum.IsDefined(wanted)
                ? new(wanted, $"the setting {Setting} says {setting}")
                : throw new DistributedApplicationException($"The setting {Setting} is '{setting}'; it can be 'local' or 'containers'.");
        }

        return builder.FindContainerEngine() is { } engine
            ? new(ServerSource.Containers, $"{engine} answers")
            : new(ServerSource.Local, $"no container engine answers ({string.Join(", ", Engines(builder))})");
    }

    /// <summary>The first container engine that responds; null when none does.</summary>
    public static string? FindContainerEngine(this IDistributedApplicationBuilder builder) => Array.Find(Engines(builder), Answers);

    // Aspire's orchestrator uses the same setting.
    private static string[] Engines(IDistributedApplicationBuilder builder) =>
        builder.Configuration["ASPIRE_CONTAINER_RUNTIME"] is { Length: > 0 } runtime ? [runtime] : ["docker", "podman"];

    private static bool Answers(string engine)
    {
        try
        {
            using var info = Process.Start(new ProcessStartInfo(engine, "info")
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            info.OutputDataReceived += (_, _) => { };
            info.ErrorDataReceived += (_, _) => { };
            info.BeginOutputReadLine();
            info.BeginErrorReadLine();
            if (info.WaitForExit(EngineTimeout))
                return info.ExitCode == 0;

            info.Kill();
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "PostgreSQL and RabbitMQ run as {Source}, because {Reason}. The setting Servers=local|containers chooses.")]
    private static partial void LogChoice(ILogger logger, string source, string reason);

    private sealed record Choice(ServerSource Source, string Reason);
}
