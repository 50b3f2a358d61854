using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>
/// Logs to the console when a resource can't start, or ends without having been stopped. When Aspire's orchestrator (dcp) has ended, all resources end
/// and none can be started, so the application ends too.
/// </summary>
internal sealed partial class EndedResources(
    ResourceNotificationService notifications, IHostApplicationLifetime application, ILogger<EndedResources> logger) : BackgroundService
{
    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(WatchAsync(stoppingToken), WatchOrchestratorAsync(application.ApplicationStopping));
        }
        catch (OperationCanceledException)
        {
            // The application ends. When its start fails, the notifications end before this service is stopped.
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
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

    // Aspire doesn't notice that its orchestrator has ended.
    private async Task WatchOrchestratorAsync(CancellationToken stopping)
    {
        int? id;
        while ((id = LocalPrograms.FindProcess(IsOrchestrator)) is null)
            await Task.Delay(TimeSpan.FromSeconds(1), stopping);

        using var orchestrator = Process.GetProcessById(id.Value);
        await orchestrator.WaitForExitAsync(stopping);
        OrchestratorEnded(logger);
        Environment.ExitCode = 1;
        application.StopApplication();
    }

    // The process that Aspire starts has more arguments. It starts this one and ends.
    private static bool IsOrchestrator(string process) => File.ReadAllText($"{process}/cmdline").Contains(
        $"/dcp\0start-apiserver\0--monitor\0{Environment.ProcessId}\0--kubeconfig\0", StringComparison.Ordinal);

    // Other resources, such as the installation of packages, and those that are started on request end when they have finished.
    private static bool ShouldRun(IResource resource) =>
        resource is LocalServerResource or ProjectResource && !resource.HasAnnotationOfType<ExplicitStartupAnnotation>();

    [LoggerMessage(1, LogLevel.Error, "'{Resource}' can't start. Its log in the dashboard says why; when that is mended, start it there, or the whole application.")]
    private static partial void CannotStart(ILogger logger, string resource);

    [LoggerMessage(2, LogLevel.Error, "'{Resource}' has ended by itself with exit code {ExitCode}. Its log in the dashboard says why; start it there again.")]
    private static partial void Ended(ILogger logger, string resource, int exitCode);

    [LoggerMessage(3, LogLevel.Critical, "Aspire's orchestrator (dcp) has ended by itself, and every resource ends with it. The application ends too; start it again.")]
    private static partial void OrchestratorEnded(ILogger logger);
}

/// <summary>Adds the logging of resources that end.</summary>
public static class EndedResourcesExtensions
{
    /// <summary>Logs resources that end by themselves or can't start, and ends the application when the orchestrator has ended.</summary>
    /// <remarks>
    /// It is registered first, because later hosted services start only when Aspire has started. That may never happen if a resource waits for
    /// one that can't start.
    /// </remarks>
    public static void ReportEndedResources(this IDistributedApplicationBuilder builder) =>
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, EndedResources>());
}
