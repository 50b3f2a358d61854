using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace EnergyAspire.Hosting;

/// <summary>Adds Redis, for what replicas share.</summary>
public static class SharedCacheExtensions
{
    /// <summary>
    /// Adds Redis: the existing server that <c>ConnectionStrings:<paramref name="name"/></c> names; else a server from
    /// <see cref="ServerSource"/>.
    /// </summary>
    /// <param name="name">Resource name.</param>
    /// <param name="port">Port on this machine; a free one when null, or when ports are random.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddSharedCache(this IDistributedApplicationBuilder builder, string name, int? port = null)
    {
        if (builder.Configuration.GetConnectionString(name) is not null)
            return builder.AddConnectionString(name);
        if (!builder.UsesContainers)
            return LocalServerResource.AddTo(builder, new LocalRedisResource(builder, name), ("tcp", port, "tcp")).WithIconName("Memory");

        var container = builder.AddRedis(name, port);
        if (builder.ExecutionContext.IsPublishMode)
            return container;

        // Aspire starts Redis by a shell, which doesn't pass the engine's TERM on, so the engine would kill Redis after 10 seconds and the changes since
        // the last snapshot would be lost. Redis replaces the shell.
        container.WithArgs(context => context.Args.Insert(0, "exec"));
        if (builder.KeepsData)
            container.WithDataVolume().WithPersistence().WaitForEarlierContainer();
        return container;
    }
}
