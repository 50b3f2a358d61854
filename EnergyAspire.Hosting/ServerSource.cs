using System.ComponentModel;
using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>Chooses where servers come from when no connection string names an existing one.</summary>
public static partial class ServerSource
{
    private const string Setting = "Servers";

    private static readonly TimeSpan EngineTimeout = TimeSpan.FromSeconds(5);

    extension(IDistributedApplicationBuilder builder)
    {
        /// <summary>
        /// Whether the container engine runs the servers, in Aspire's default images; else the programs that are installed on this machine run as
        /// Aspire resources. The setting <c>Servers</c> chooses: <c>containers</c> or <c>local</c>. Without it, containers are used if an engine
        /// responds. A published application always uses containers. The choice and its reason are logged when the application starts.
        /// </summary>
        /// <exception cref="DistributedApplicationException">The setting has another value.</exception>
        public bool UsesContainers
        {
            get
            {
                if (builder.Services.FirstOrDefault(service => service.ServiceType == typeof(Choice))?.ImplementationInstance is Choice made)
                    return made.Containers;

                var choice = Choose(builder);
                builder.Services.AddSingleton(choice);
                if (builder.ExecutionContext.IsRunMode)
                {
                    builder.OnBeforeStart((start, _) =>
                    {
                        var logger = start.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerSource).Namespace!);
                        LogChoice(logger, choice.Containers ? "containers" : "this machine's programs", choice.Reason);
                        return Task.CompletedTask;
                    });
                }

                return choice.Containers;
            }
        }
    }

    /// <summary>The first container engine that responds; null when none does.</summary>
    internal static string? FindContainerEngine(this IDistributedApplicationBuilder builder) => Array.Find(Engines(builder), Answers);

    private static Choice Choose(IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsPublishMode)
            return new(Containers: true, "the application is published");

        if (builder.Configuration[Setting] is { Length: > 0 } setting)
        {
            return new(
                setting.ToUpperInvariant() switch
                {
                    "CONTAINERS" => true,
                    "LOCAL" => false,
                    _ => throw new DistributedApplicationException($"The setting {Setting} is '{setting}'; it can be 'local' or 'containers'."),
                },
                $"the setting {Setting} says {setting}");
        }

        return builder.FindContainerEngine() is { } engine
            ? new(Containers: true, $"{engine} answers")
            : new(Containers: false, $"no container engine answers ({string.Join(", ", Engines(builder))})");
    }

    // Aspire's orchestrator uses the same settings.
    private static string[] Engines(IDistributedApplicationBuilder builder) =>
        (builder.Configuration["ASPIRE_CONTAINER_RUNTIME"] ?? builder.Configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"]) is { Length: > 0 } runtime
            ? [runtime]
            : ["docker", "podman"];

    private static bool Answers(string engine)
    {
        using var patience = new CancellationTokenSource(EngineTimeout);
        try
        {
            LocalPrograms.RunAsync([engine, "info"], patience.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception problem) when (problem is Win32Exception or DistributedApplicationException or OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "PostgreSQL, RabbitMQ and Redis run as {Source}, because {Reason}. The setting Servers=local|containers chooses.")]
    private static partial void LogChoice(ILogger logger, string source, string reason);

    private sealed record Choice(bool Containers, string Reason);
}
