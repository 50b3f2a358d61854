using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Runs the checks of each running resource, and raises its ready event when they pass for the first time.</summary>
internal sealed class HealthMonitor(
    HealthCheckService checks, ResourceNotificationService notifications, ResourceLoggerService logs,
    IDistributedApplicationEventing eventing, IServiceProvider services)
{
    private static readonly TimeSpan WhenHealthy = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<IResource, CancellationTokenSource> _watches = [];

    public static ImmutableArray<HealthReportSnapshot> NotRunYet(IResource resource) =>
        [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(c => new HealthReportSnapshot(c.Key, null, null, null))];

    /// <summary>Checks until the resource no longer runs. Called at each start of the resource; the watch of an earlier start ends.</summary>
    public async Task WatchAsync(IResource resource, CancellationToken stop)
    {
        var watch = CancellationTokenSource.CreateLinkedTokenSource(stop); // Not disposed: a later start may cancel it at any time.
        var cancel = watch.Token;
        _watches.TryGetValue(resource, out var earlier);
        _watches[resource] = watch;
        try
        {
            if (earlier is not null)
                await earlier.CancelAsync();
            var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
            var pause = TimeSpan.FromMilliseconds(100);
            while (notifications.IsRunning(resource))
            {
                var report = await checks.CheckHealthAsync(r => keys.Contains(r.Name), cancel);
                var now = DateTime.UtcNow;
                await notifications.PublishUpdateAsync(resource, s => s with
                {
                    HealthReports = [.. report.Entries.Select(e => new HealthReportSnapshot(
                        e.Key, e.Value.Status, e.Value.Description, e.Value.Exception?.Message) { LastRunAt = now })],
                });

                if (report.Status == HealthStatus.Healthy && notifications.AwaitsReady(resource))
                    await PublishReadyAsync(resource, stop);

                if (keys.Count == 0)
                    return;
                pause = report.Status == HealthStatus.Healthy ? WhenHealthy
                    : pause >= WhenHealthy ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromTicks(Math.Min((long)(pause.Ticks * 1.5), AtMost.Ticks));
                await Task.Delay(pause, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops, or the resource has started again.
        }
        finally
        {
            _watches.TryRemove(new(resource, watch));
        }
    }

    private async Task PublishReadyAsync(IResource resource, CancellationToken cancel)
    {
        var handlers = eventing.PublishAsync(new ResourceReadyEvent(resource, services), cancel);
        await notifications.PublishUpdateAsync(resource, s => s.Ready is null ? s with { Ready = handlers } : s);
        try
        {
            await handlers;
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            // Whoever waits for the resource gets the same exception.
            logs.GetLogger(resource).Fail($"Preparing it failed: {problem.Message}");
        }
    }
}
