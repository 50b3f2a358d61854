using System.Collections.ObjectModel;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public interface IResourceAnnotation;

    public interface IResource
    {
        string Name { get; }
        ResourceAnnotationCollection Annotations { get; }
    }

    public interface IResourceWithEnvironment : IResource;
    public interface IResourceWithArgs : IResource;
    public interface IResourceWithEndpoints : IResource;
    public interface IResourceWithWaitSupport : IResource;
    public interface IContainerFilesDestinationResource : IResource;

    public interface IResourceWithParent : IResource
    {
        IResource Parent { get; }
    }

    public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
    {
        new T Parent { get; }
        IResource IResourceWithParent.Parent => Parent;
    }

    public interface IResourceWithConnectionString : IResource, IExpressionValue
    {
        ReferenceExpression ConnectionStringExpression { get; }
        string? ConnectionStringEnvironmentVariable => null;
        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

        ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            ConnectionStringExpression.GetValueAsync(cancellationToken);

        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);

        IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];
    }

    public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

    public abstract class Resource(string name) : IResource
    {
        public virtual string Name { get; } = name;
        public virtual ResourceAnnotationCollection Annotations { get; } = [];
    }

    public class ExecutableResource(string name, string command, string workingDirectory) : Resource(name),
        IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
    {
        public string Command { get; } = command;
        public string WorkingDirectory { get; } = workingDirectory;
    }

    public class ProjectResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithArgs,
        IResourceWithServiceDiscovery, IResourceWithWaitSupport, IContainerFilesDestinationResource;

    /// <summary>A server. Genuine Aspire runs it in a container; here a <see cref="ServerProgramAnnotation"/> says how the machine's own program is run.</summary>
    public class ContainerResource(string name, string? entrypoint = null) : Resource(name),
        IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
    {
        public string? Entrypoint { get; set; } = entrypoint;
    }

    public interface IResourceBuilder<out T> where T : IResource
    {
        IDistributedApplicationBuilder ApplicationBuilder { get; }
        T Resource { get; }

        IResourceBuilder<T> WithAnnotation<TAnnotation>(
            TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
            where TAnnotation : IResourceAnnotation;
    }

    public enum ResourceAnnotationMutationBehavior
    {
        Append,
        Replace,
    }

    public interface IResourceCollection : IList<IResource>;

    public sealed class DistributedApplicationModel(IResourceCollection resources)
    {
        public IResourceCollection Resources { get; } = resources;
    }

    internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection
    {
        protected override void InsertItem(int index, IResource item)
        {
            if (this.Any(r => string.Equals(r.Name, item.Name, StringComparison.OrdinalIgnoreCase)))
                throw new DistributedApplicationException($"Cannot add resource '{item.Name}': another resource has that name.");
            base.InsertItem(index, item);
        }
    }

    internal sealed class ResourceBuilder<T>(IDistributedApplicationBuilder builder, T resource) : IResourceBuilder<T> where T : IResource
    {
        public IDistributedApplicationBuilder ApplicationBuilder => builder;
        public T Resource => resource;

        public IResourceBuilder<T> WithAnnotation<TAnnotation>(
            TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
            where TAnnotation : IResourceAnnotation
        {
            if (behavior == ResourceAnnotationMutationBehavior.Replace)
            {
                foreach (var old in resource.Annotations.OfType<TAnnotation>().ToArray())
                    resource.Annotations.Remove(old);
            }

            resource.Annotations.Add(annotation);
            return this;
        }
    }
}

namespace Aspire.Hosting
{
    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
    public interface IResourceWithContainerFiles : IResource;

    public interface IProjectMetadata : IResourceAnnotation
    {
        string ProjectPath { get; }
        bool SuppressBuild => false;
    }

    public class DistributedApplicationException : Exception
    {
        public DistributedApplicationException() { }
        public DistributedApplicationException(string message) : base(message) { }
        public DistributedApplicationException(string message, Exception inner) : base(message, inner) { }
    }
}
