using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the present state of every resource and tells of changes.</summary>
public sealed class ResourceNotificationService(DistributedApplicationOptions options, IHostApplicationLifetime lifetime, ResourceLoggerService logs)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<Channel<ResourceEvent>, byte> _subscribers = [];

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var id in Ids(resource).DefaultIfEmpty(resource.Name))
            Publish(resource, id, stateFactory);
        return Task.CompletedTask;
    }

    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        Publish(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    private void Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
        {
            var old = _current.GetValueOrDefault(resourceId)?.Snapshot;
            var next = stateFactory(old ?? new CustomResourceSnapshot { ResourceType = resource.GetType().Name, Properties = [] });
            if (next == old)
                return;
            var change = new ResourceEvent(resource, resourceId, next);
            _current[resourceId] = change;
            foreach (var subscriber in _subscribers.Keys)
                subscriber.Writer.TryWrite(change);
        }
    }

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_gate)
            return _current.TryGetValue(resourceId, out resourceEvent);
    }

    /// <summary>Every resource as it is now, then each change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopped);
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (_gate)
        {
            foreach (var current in _current.Values)
                channel.Writer.TryWrite(current);
            _subscribers[channel] = 0;
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(stop.Token))
                yield return change;
        }
        finally
        {
            _subscribers.TryRemove(channel, out _);
        }
    }

    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            var named = string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) ||
                string.Equals(change.ResourceId, resourceName, StringComparison.OrdinalIgnoreCase);
            if (named && predicate(change))
                return change;
        }

        throw new OperationCanceledException($"The application stopped while '{resourceName}' was awaited.");
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, e => e.Snapshot.State?.Text == (targetState ?? KnownResourceStates.Running), cancellationToken);

    /// <summary>Waits until the resource runs, its checks pass and the handlers of its ready event have run.</summary>
    /// <exception cref="DistributedApplicationException">It ended instead, and there is no dashboard to start it again.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        var change = await WaitForResourceAsync(resourceName, e => IsReady(e) || HasEndedForGood(e), cancellationToken);
        ThrowIfEnded(change);
        await change.Snapshot.Ready!.WaitAsync(cancellationToken);
        return change;
    }

    internal async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().SelectMany(WithParents).Where(w => w.Resource is not ParameterResource).ToArray();
        if (waits.Length == 0)
            return;
        await PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Waiting });
        await Task.WhenAll(waits.Select(WaitAsync));

        async Task WaitAsync(WaitAnnotation wait)
        {
            foreach (var id in Ids(wait.Resource))
            {
                logs.GetLogger(resource).Info($"Waiting for '{id}'.");
                var change = await WaitForResourceAsync(id, e => wait.Type switch
                {
                    WaitType.Completed => e.Snapshot.IsTerminal,
                    WaitType.Started => e.Snapshot.State?.Text == KnownResourceStates.Running || HasEndedForGood(e),
                    _ => IsReady(e) || HasEndedForGood(e),
                }, cancellationToken);

                if (wait.Type != WaitType.Completed)
                    ThrowIfEnded(change);
                else if (change.Snapshot.ExitCode != wait.ExitCode)
                    throw new DistributedApplicationException($"'{id}' ended with exit code {change.Snapshot.ExitCode}, not {wait.ExitCode}.");
                if (wait.Type == WaitType.Healthy)
                    await change.Snapshot.Ready!.WaitAsync(cancellationToken);
            }
        }

        // A database is there when its server is.
        static IEnumerable<WaitAnnotation> WithParents(WaitAnnotation wait) =>
            wait.Resource is IResourceWithParent child ? [wait, wait with { Resource = child.Parent }] : [wait];
    }

    internal string[] Ids(IResource resource)
    {
        lock (_gate)
            return [.. _current.Values.Where(e => e.Resource == resource).Select(e => e.ResourceId)];
    }

    internal bool AwaitsReady(IResource resource)
    {
        lock (_gate)
            return _current.Values.Any(e => e.Resource == resource && e.Snapshot is { State.Text: "Running", Ready: null });
    }

    internal bool IsRunning(IResource resource)
    {
        lock (_gate)
            return _current.Values.Any(e => e.Resource == resource && e.Snapshot.State?.Text == KnownResourceStates.Running);
    }

    private static bool IsReady(ResourceEvent e) => e.Snapshot is { HealthStatus: HealthStatus.Healthy, Ready: not null };

    // With a dashboard someone can start it again, so waiting goes on.
    private bool HasEndedForGood(ResourceEvent e) => options.DisableDashboard && e.Snapshot.IsTerminal;

    private static void ThrowIfEnded(ResourceEvent e)
    {
        if (e.Snapshot.IsTerminal)
            throw new DistributedApplicationException($"'{e.ResourceId}' ended ({e.Snapshot.State?.Text}) before it was ready.");
    }
}
