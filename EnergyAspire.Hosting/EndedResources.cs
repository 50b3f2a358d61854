using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>Tells the console when a resource ends that nobody has stopped, or can't start.</summary>
internal sealed partial class EndedResources(ResourceNotificationService notifications, ILogger<EndedResources> logger) : BackgroundService
{
    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            var state = change.Snapshot.State?.Text ?? "";
            var before = _states.GetValueOrDefault(change.ResourceId, "");
            _states[change.ResourceId] = state;
            if (state == before || before == KnownResourceStates.Stopping)
                continue;

            if (state == KnownResourceStates.FailedToStart)
                CannotStart(logger, change.Resource.Name);
            else if (KnownResourceStates.TerminalStates.Contains(state) && change.Snapshot.ExitCode is { } code && (code != 0 || ShouldRun(change.Resource)))
                Ended(logger, change.Resource.Name, code);
        }
    }

    // Others, such as the installation of packages, end when their work is done.
    private static bool ShouldRun(IResource resource) => resource is LocalServerResource or ProjectResource;

    [LoggerMessage(1, LogLevel.Error, "'{Resource}' can't start. Its log in the dashboard says why; when that is mended, start it there.")]
    private static partial void CannotStart(ILogger logger, string resource);

    [LoggerMessage(2, LogLevel.Error, "'{Resource}' has ended by itself with exit code {ExitCode}. Its log in the dashboard says why; start it there again.")]
    private static partial void Ended(ILogger logger, string resource, int exitCode);
}

/// <summary>Adds reports on resources that end.</summary>
public static class EndedResourcesExtensions
{
    /// <summary>Reports resources that end by themselves.</summary>
    public static void ReportEndedResources(this IDistributedApplicationBuilder builder) => builder.Services.AddHostedService<EndedResources>();
}
