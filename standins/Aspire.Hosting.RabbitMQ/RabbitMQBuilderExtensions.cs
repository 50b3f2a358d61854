using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;

namespace Aspire.Hosting;

public static class RabbitMQBuilderExtensions
{
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var server = new RabbitMQServerResource(name, userName?.Resource, secret);
        var connection = new KeptConnection(server);
        return builder.AddResource(server)
            .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, "tcp", name: "tcp", port: port))
            .WithAnnotation(RabbitMQProgram.For(server))
            .WithIconName("EnvelopeMultiple")
            .WithCheck($"{name}_check", (_, cancel) => connection.CheckAsync(cancel));
    }

    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder) =>
        builder.WithManagementPlugin(null);

    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder, int? port) =>
        builder.WithHttpEndpoint(port: port, name: "management");

    /// <summary>Keeps the data in the checkout's <c>.data</c> folder.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
        this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.Resource.Annotations.OfType<ServerProgramAnnotation>().Single().HasDataVolume = true;
        return builder;
    }

    /// <summary>Hands a file of settings to the server; of a container's folders it knows <c>/etc/rabbitmq/conf.d</c>.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithBindMount(
        this IResourceBuilder<RabbitMQServerResource> builder, string source, string target, bool isReadOnly = false) =>
        target.StartsWith("/etc/rabbitmq/conf.d/", StringComparison.Ordinal)
            ? builder.WithAnnotation(new SettingsMountAnnotation(Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory)))
            : throw new NotSupportedException($"The server is no container and reads no {target}.");

    /// <summary>One connection for all checks; a new one only after the last was lost.</summary>
    private sealed class KeptConnection(RabbitMQServerResource server)
    {
        private IConnection? _connection;

        public async Task<HealthCheckResult> CheckAsync(CancellationToken cancel)
        {
            if (_connection is { IsOpen: true })
                return HealthCheckResult.Healthy();
            try
            {
                var factory = new ConnectionFactory
                {
                    Uri = new Uri((await server.ConnectionStringExpression.GetValueAsync(cancel))!),
                    AutomaticRecoveryEnabled = false,
                    ClientProvidedName = "health",
                };
                var next = await factory.CreateConnectionAsync(cancel);
                if (_connection is not null)
                    await _connection.DisposeAsync();
                _connection = next;
                return HealthCheckResult.Healthy();
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                return HealthCheckResult.Unhealthy(problem.Message);
            }
        }
    }
}

/// <summary>A file of settings.</summary>
internal sealed record SettingsMountAnnotation(string Source) : IResourceAnnotation;
