using System.Globalization;
using System.Text;
using EnergyAspire.Hosting;

namespace EnergyAspire.AppHost;

/// <summary>Metrics for Prometheus. A published application sends its metrics by OTLP instead, or is scraped as <c>deploy/</c> shows.</summary>
internal static class Metrics
{
    private const string Endpoint = "metrics";
    private const string BrokerJob = "rabbitmq";
    private const string RulesFile = "alerts.yml";

    /// <summary>Adds a port to a service on which only <c>GET /metrics</c> is answered.</summary>
    public static IResourceBuilder<ProjectResource> WithMetrics(this IResourceBuilder<ProjectResource> service) => service
        .WithHttpEndpoint(name: Endpoint)
        .WithUrlForEndpoint(Endpoint, url =>
            (url.Url, url.DisplayText, url.DisplayLocation) = ($"{url.Url}/metrics", "Metrics", UrlDisplayLocation.DetailsOnly))
        .WithEnvironment("Metrics__Port", service.GetEndpoint(Endpoint).Property(EndpointProperty.TargetPort));

    /// <summary>
    /// Adds Prometheus, with the alert rules of the repository, which scrapes the services and the broker. Where servers run in containers, it is a
    /// container too, and Grafana shows the repository's dashboards in another. Otherwise it is a program of this machine. Its data are temporary.
    /// </summary>
    /// <param name="deploy">Path of the folder <c>deploy</c>.</param>
    public static void AddPrometheus(
        this IDistributedApplicationBuilder builder, string name, string grafana, string deploy, Broker broker,
        params IEnumerable<IResourceBuilder<ProjectResource>> services)
    {
        deploy = Path.GetFullPath(deploy, builder.AppHostDirectory);
        var rules = Path.Combine(deploy, "prometheus", RulesFile);
        List<Target> targets = [.. services.Select(service => new Target(service.Resource.Name, service.GetEndpoint(Endpoint)))];
        if (broker.MetricsEndpoint is { } metrics)
            targets.Add(new Target(BrokerJob, metrics));

        if (builder.UsesContainers)
            builder.AddGrafana(grafana, Path.Combine(deploy, "grafana")).WaitFor(builder.AddPrometheusContainer(name, rules, targets));
        else
            builder.AddPrometheusProgram(name, rules, targets);
    }

    private static IResourceBuilder<ContainerResource> AddPrometheusContainer(
        this IDistributedApplicationBuilder builder, string name, string rules, List<Target> targets)
    {
        var prometheus = builder.AddContainer(name, "prom/prometheus", "v3.5.0").WithImageRegistry("docker.io")
            .WithHttpEndpoint(targetPort: 9090, name: "http")
            .WithHttpHealthCheck("/-/ready")
            .WithIconName("ChartMultiple");
        // By the reference Aspire knows that the container connects to programs of this machine.
        foreach (var target in targets)
            prometheus.WithReference(target.Endpoint);

        return prometheus.WithContainerFiles("/etc/prometheus", async (_, cancel) =>
        [
            new ContainerFile { Name = "prometheus.yml", Contents = await ConfigurationAsync(RulesFile, targets, prometheus.Resource, cancel) },
            new ContainerFile { Name = RulesFile, SourcePath = rules },
        ]);
    }

    private static IResourceBuilder<ContainerResource> AddGrafana(this IDistributedApplicationBuilder builder, string name, string files) =>
        builder.AddContainer(name, "grafana/grafana", "12.2.0").WithImageRegistry("docker.io")
            .WithHttpEndpoint(targetPort: 3000, name: "http")
            .WithHttpHealthCheck("/api/health")
            .WithContainerFiles("/etc/grafana", files)
            // The dashboards are visible without an account. The default password of the administrator is publicly known.
            .WithEnvironment("GF_AUTH_ANONYMOUS_ENABLED", "true")
            .WithEnvironment("GF_SECURITY_ADMIN_PASSWORD", builder.AddGeneratedSecret($"{name}-password"))
            .WithIconName("DataLine");

    private static void AddPrometheusProgram(this IDistributedApplicationBuilder builder, string name, string rules, List<Target> targets)
    {
        var folder = builder.CreateTemporaryFolder();
        var configuration = Path.Combine(folder, "prometheus.yml");
        var prometheus = builder.AddExecutable(name, "prometheus", folder, $"--config.file={configuration}", $"--storage.tsdb.path={folder}/data")
            .WithRequiredCommand("prometheus")
            .WithHttpEndpoint(name: "http")
            .WithHttpHealthCheck("/-/ready")
            .WithIconName("ChartMultiple");
        prometheus.WithArgs(context => context.Args.Add(ReferenceExpression.Create(
            $"--web.listen-address=127.0.0.1:{prometheus.GetEndpoint("http").Property(EndpointProperty.TargetPort)}")));

        prometheus.OnBeforeResourceStarted(async (resource, _, cancel) =>
            await File.WriteAllTextAsync(configuration, await ConfigurationAsync(rules, targets, resource, cancel), cancel));
    }

    /// <summary>The configuration, with the addresses as this resource reaches them.</summary>
    private static async Task<string> ConfigurationAsync(string rules, IEnumerable<Target> targets, IResource prometheus, CancellationToken cancel)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"""
            global:
              scrape_interval: 5s
              evaluation_interval: 5s
            rule_files: ['{rules}']
            scrape_configs:
            """);
        foreach (var (job, endpoint) in targets)
        {
            var address = await endpoint.Property(EndpointProperty.HostAndPort).GetValueAsync(new ValueProviderContext { Caller = prometheus }, cancel);
            text.AppendLine(CultureInfo.InvariantCulture, $"  - {{job_name: '{job}', static_configs: [{{targets: ['{address}']}}]}}");
        }

        return text.ToString();
    }

    private sealed record Target(string Job, EndpointReference Endpoint);
}
