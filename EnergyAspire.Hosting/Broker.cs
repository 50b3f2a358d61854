using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace EnergyAspire.Hosting;

/// <summary>RabbitMQ for readings and events.</summary>
public static class BrokerExtensions
{
    /// <summary>
    /// Adds RabbitMQ with its management page: the existing broker that <c>ConnectionStrings:<paramref name="name"/></c> names; else one from
    /// <see cref="ServerSource"/>, whose durable queues are quorum queues (docs/decisions/0011-quorum-queues.md).
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Resource name.</param>
    /// <param name="port">AMQP port on this machine; a free one when null, or when ports are random.</param>
    /// <param name="managementPort">Port of the management page, likewise.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddBroker(
        this IDistributedApplicationBuilder builder, string name, int? port = null, int? managementPort = null)
    {
        if (builder.Configuration.GetConnectionString(name) is not null)
            return builder.AddConnectionString(name);

        if (builder.ChooseServerSource() == ServerSource.Local)
            return builder.AddLocalRabbitMQ(name, port, managementPort);

        var broker = builder.AddRabbitMQ(name, port: port);
        if (builder.ExecutionContext.IsRunMode)
        {
            broker.WithManagementPlugin(managementPort)
                .WithUrlForEndpoint("management", url => url.DisplayText = "Queues")
                .WithContainerFiles(
                    "/etc/rabbitmq/conf.d",
                    [new ContainerFile { Name = "50-queues.conf", SourcePath = Path.Combine(AppContext.BaseDirectory, "rabbitmq.conf") }]);
        }

        return builder.KeepsData ? broker.WithDataVolume() : broker;
    }
}
