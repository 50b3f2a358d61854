using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Eventing
{
    public interface IDistributedApplicationEvent;

    public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
    {
        IResource Resource { get; }
    }

    public sealed class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
    {
        public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback { get; } = callback;
    }

    public interface IDistributedApplicationEventing
    {
        DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationEvent;

        DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationResourceEvent;

        Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent;
    }

    internal sealed class DistributedApplicationEventing : IDistributedApplicationEventing
    {
        private readonly Lock _gate = new();
        private readonly List<(Type Type, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];

        public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationEvent
        {
            var subscription = new DistributedApplicationEventSubscription((e, cancel) => callback((T)e, cancel));
            lock (_gate)
                _subscriptions.Add((typeof(T), subscription));
            return subscription;
        }

        public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationResourceEvent =>
            Subscribe<T>((e, cancel) => ReferenceEquals(e.Resource, resource) ? callback(e, cancel) : Task.CompletedTask);

        public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent
        {
            DistributedApplicationEventSubscription[] handlers;
            lock (_gate)
                handlers = [.. _subscriptions.Where(s => s.Type == typeof(T)).Select(s => s.Subscription)];
            foreach (var handler in handlers)
                await handler.Callback(@event, cancellationToken);
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    public class BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
    {
        public IServiceProvider Services { get; } = services;
        public DistributedApplicationModel Model { get; } = model;
    }

    public class ResourceReadyEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
    {
        public IResource Resource { get; } = resource;
        public IServiceProvider Services { get; } = services;
    }
}

namespace Aspire.Hosting
{
    public static class DistributedApplicationEventingExtensions
    {
        public static T OnBeforeStart<T>(this T builder, Func<BeforeStartEvent, CancellationToken, Task> callback)
            where T : IDistributedApplicationBuilder
        {
            builder.Eventing.Subscribe(callback);
            return builder;
        }

        public static IResourceBuilder<T> OnResourceReady<T>(
            this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback) where T : IResource
        {
            builder.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(
                builder.Resource, (@event, cancel) => callback(builder.Resource, @event, cancel));
            return builder;
        }
    }
}
