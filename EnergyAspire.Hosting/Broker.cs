using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace EnergyAspire.Hosting;

/// <summary>Adds RabbitMQ, for readings and events.</summary>
public static class BrokerExtensions
{
    /// <summary>
    /// Adds RabbitMQ with its management page: the existing broker that <c>ConnectionStrings:<paramref name="name"/></c> names, which has the
    /// accounts if the setting <c>BrokerAccounts</c> is true; else a broker from <see cref="ServerSource"/>, whose durable queues are quorum
    /// queues (docs/decisions/0011-quorum-queues.md) and whose accounts have the permissions in <c>broker-definitions.json</c>.
    /// </summary>
    /// <param name="name">Resource name.</param>
    /// <param name="port">AMQP port on this machine; a free one when null, or when ports are random.</param>
    /// <param name="managementPort">Port of the management page, likewise.</param>
    /// <param name="mqttPort">Port for meters that speak MQTT, likewise.</param>
    public static Broker AddBroker(
        this IDistributedApplicationBuilder builder, string name, int? port = null, int? managementPort = null, int? mqttPort = null)
    {
        if (builder.Configuration.GetConnectionString(name) is { } existing)
        {
            // For an existing broker, a setting tells whether it has the accounts.
            var server = builder.AddConnectionString(name);
            return builder.Configuration.GetValue("BrokerAccounts", defaultValue: false)
                ? new Broker(builder, server, ExistingAddress(new Uri(existing)), AddPasswords(builder, name))
                : new Broker(builder, server);
        }

        // A manifest can't contain definitions, so a published broker has only the administrator's account. Its data ends with the container: the
        // volumes of Azure Container Apps keep no ownership and no modes, which RabbitMQ needs.
        if (builder.ExecutionContext.IsPublishMode)
            return new Broker(builder, builder.AddRabbitMQ(name, port: port));

        var passwords = AddPasswords(builder, name);
        if (!builder.UsesContainers)
        {
            var local = LocalServerResource.AddTo(
                    builder, new LocalRabbitMQResource(builder, name, passwords), ("tcp", port, "tcp"), (Broker.Management, managementPort, "http"),
                    (Broker.Mqtt, mqttPort, "mqtt"), (Broker.Metrics, null, "http"), (LocalRabbitMQResource.Nodes, null, "tcp"))
                .WithEnvironment(context => ((LocalRabbitMQResource)context.Resource).SetVariables(context.EnvironmentVariables))
                .WithIconName("MailMultiple")
                .WithUrlForEndpoint(LocalRabbitMQResource.Nodes, url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
                .WithBrokerUrls();
            return new Broker(builder, local, Address(local.Resource.PrimaryEndpoint), passwords) { MetricsEndpoint = local.Resource.MetricsEndpoint };
        }

        var container = builder.AddRabbitMQ(name, port: port)
            .WithManagementPlugin(managementPort)
            .WithEndpoint(port: mqttPort, targetPort: 1883, scheme: "mqtt", name: Broker.Mqtt)
            .WithHttpEndpoint(targetPort: 15692, name: Broker.Metrics)
            .WithBrokerUrls();
        container.WithContainerFiles("/etc/rabbitmq", async (_, cancel) =>
        [
            new ContainerFile
            {
                Name = "definitions.json",
                Contents = await BrokerDefinitions.WithPasswordsAsync(passwords, container.Resource.PasswordParameter, cancel),
            },
            // The image has the same without MQTT.
            new ContainerFile { Name = "enabled_plugins", Contents = Broker.Plugins },
            new ContainerDirectory
            {
                Name = "conf.d",
                Entries = [new ContainerFile { Name = "50-definitions.conf", Contents = "load_definitions = /etc/rabbitmq/definitions.json\n" }],
            },
        ]);
        if (builder.KeepsData)
            container.WithDataVolume().WaitForEarlierContainer();
        return new Broker(builder, container, Address(container.Resource.PrimaryEndpoint), passwords)
        {
            MetricsEndpoint = container.GetEndpoint(Broker.Metrics),
        };
    }

    /// <summary>Gives a service the broker's connection string with the account that has the service's name.</summary>
    public static IResourceBuilder<T> WithBrokerAccount<T>(this IResourceBuilder<T> service, Broker broker)
        where T : IResourceWithEnvironment, IResourceWithWaitSupport
    {
        var account = broker.AddAccount(service.Resource.Name);
        return service.WithReference(account, broker.Server.Resource.Name).WaitFor(account);
    }

    private static IResourceBuilder<T> WithBrokerUrls<T>(this IResourceBuilder<T> server) where T : IResourceWithEndpoints => server
        .WithUrlForEndpoint(Broker.Management, url => url.DisplayText = "Queues")
        .WithUrlForEndpoint(Broker.Metrics, url =>
            (url.Url, url.DisplayText, url.DisplayLocation) = ($"{url.Url}/metrics", "Metrics", UrlDisplayLocation.DetailsOnly));

    // Generated at the first start and stored in the user secrets, like the databases' passwords.
    private static Dictionary<string, ParameterResource> AddPasswords(IDistributedApplicationBuilder builder, string name) =>
        BrokerDefinitions.Accounts.ToDictionary(
            account => account,
            account => builder.AddParameter(
                $"{name}-{account}-password", new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true).Resource,
            StringComparer.Ordinal);

    private static BrokerAddress Address(EndpointReference endpoint) =>
        new("amqp", ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.HostAndPort)}"));

    private static BrokerAddress ExistingAddress(Uri broker) =>
        new(broker.Scheme, ReferenceExpression.Create($"{broker.Authority}{broker.PathAndQuery}"));
}

/// <summary>Address of a broker.</summary>
/// <param name="Scheme">Scheme of the URI: <c>amqp</c> or <c>amqps</c>.</param>
/// <param name="HostAndPath">The part of a connection string after the account.</param>
internal sealed record BrokerAddress(string Scheme, ReferenceExpression HostAndPath);

/// <summary>A RabbitMQ broker: an existing one, a container or a local program.</summary>
public sealed class Broker
{
    internal const string Management = "management";
    internal const string Metrics = "metrics";
    internal const string Mqtt = "mqtt";
    internal const string Plugins = "[rabbitmq_management,rabbitmq_mqtt,rabbitmq_prometheus].\n";

    private readonly IDistributedApplicationBuilder _builder;
    private readonly BrokerAddress? _address;
    private readonly IReadOnlyDictionary<string, ParameterResource>? _passwords;

    /// <summary>Creates a broker with these accounts, or one that all services use by the same account.</summary>
    internal Broker(
        IDistributedApplicationBuilder builder, IResourceBuilder<IResourceWithConnectionString> server, BrokerAddress? address = null,
        IReadOnlyDictionary<string, ParameterResource>? passwords = null) =>
        (_builder, Server, _address, _passwords) = (builder, server, address, passwords);

    /// <summary>Names of the accounts in <c>broker-definitions.json</c>.</summary>
    public static IReadOnlyList<string> Accounts => BrokerDefinitions.Accounts;

    /// <summary>The broker; its connection string is the administrator's.</summary>
    public IResourceBuilder<IResourceWithConnectionString> Server { get; }

    /// <summary>Where <c>/metrics</c> is, for Prometheus; null when the broker is an existing one or published.</summary>
    public EndpointReference? MetricsEndpoint { get; internal init; }

    /// <summary>
    /// Adds a connection string of the broker for one of <see cref="Accounts"/>, for example <c>messaging-meters</c> for the broker
    /// <c>messaging</c>. A broker without the accounts has one connection string for all.
    /// </summary>
    /// <param name="account">Name of the account.</param>
    public IResourceBuilder<IResourceWithConnectionString> AddAccount(string account) =>
        _address is null || _passwords is null
            ? Server
            : _builder.AddConnectionString(
                    $"{Server.Resource.Name}-{account}",
                    ReferenceExpression.Create($"{_address.Scheme}://{account}:{_passwords[account]:uri}@{_address.HostAndPath}"))
                .WithIconName("PersonAccounts")
                .WithParentRelationship(Server)
                .WaitFor(Server);
}
