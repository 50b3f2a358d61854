using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.System.Tests;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;

[assembly: AssemblyFixture(typeof(SystemFixture))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace EnergyAspire.System.Tests;

/// <summary>The whole system, started once from its AppHost with throw-away data, the simulator and the Aspire dashboard.</summary>
public sealed class SystemFixture : IAsyncLifetime
{
    private const string ReadingQueue = "device_data_queue";
    private const string ShippedGateway = "gateway-as-shipped";

    private static readonly string[] Services = [ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring];

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(8);

    private DistributedApplication _app = null!;

    /// <summary>Address of the gateway.</summary>
    public Uri Gateway => _app.GetEndpoint(ResourceNames.Gateway, "http");

    /// <summary>Address of a second gateway, which serves the built web app as an installation does; the first passes pages on to Vite.</summary>
    public Uri Shipped => _app.GetEndpoint(ShippedGateway, "http");

    /// <summary>The dashboard's telemetry API.</summary>
    public DashboardClient Dashboard { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.EnergyAspire_AppHost>(
            ["UseVolumes=false"],
            (options, _) => options.DisableDashboard = false,
            timeout.Token);

        AddShippedGateway(builder, await WebBuild.RunAsync(Path.Combine(builder.AppHostDirectory, "..", "web"), timeout.Token));

        _app = await builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        foreach (var resource in (string[])[.. Services, ResourceNames.Gateway, ShippedGateway, ResourceNames.Web, ResourceNames.Simulator])
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, timeout.Token);

        Dashboard = DashboardClient.Of(_app);
    }

    /// <summary>Runs a resource that is started on request to its end, and returns its output and its exit code.</summary>
    public async Task<(int? ExitCode, string Output)> RunToEndAsync(string name, CancellationToken cancel)
    {
        await _app.ResourceCommands.ExecuteCommandAsync(name, KnownResourceCommands.StartCommand, cancel);
        var ended = await _app.ResourceNotifications.WaitForResourceAsync(name, change => change.Snapshot.ExitCode is not null, cancel);
        var output = new StringBuilder();
        await foreach (var lines in _app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(ended.ResourceId).WithCancellation(cancel))
        {
            foreach (var line in lines)
                output.AppendLine(line.Content);
        }

        return (ended.Snapshot.ExitCode, output.ToString());
    }

    /// <summary>Opens the database of a service.</summary>
    /// <param name="name">Name of the resource.</param>
    public async Task<NpgsqlDataSource> DatabaseAsync(string name) => NpgsqlDataSource.Create((await _app.GetConnectionStringAsync(name))!);

    /// <summary>Runs statements in the database of a service.</summary>
    /// <param name="database">Name of the resource.</param>
    public async Task ExecuteAsync(string database, string sql)
    {
        await using var source = await DatabaseAsync(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Signs in through the gateway as an API client does.</summary>
    public async Task<HttpClient> SignInAsync(string username, string password, string? traceParent = null)
    {
        var client = new HttpClient { BaseAddress = Gateway };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/auth/login", UriKind.Relative))
        {
            Content = JsonContent.Create(new { username, password }),
        };
        if (traceParent is not null)
            request.Headers.Add("traceparent", traceParent);

        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", answer.GetProperty("tokens").GetProperty("access").GetString());

        return client;
    }

    /// <summary>Address of the broker's management page.</summary>
    public Uri BrokerManagement => _app.GetEndpoint(ResourceNames.Messaging, "management");

    /// <summary>Address where a service or the broker serves its metrics.</summary>
    /// <param name="name">Name of the resource.</param>
    public Uri MetricsOf(string name) => _app.GetEndpoint(name, "metrics");

    /// <summary>Connection string of a server, a database or a broker's account.</summary>
    public async Task<string> ConnectionStringAsync(string name) => (await _app.GetConnectionStringAsync(name))!;

    /// <summary>Returns the start of the present hour in UTC.</summary>
    public static DateTimeOffset ThisHour()
    {
        var now = DateTimeOffset.UtcNow;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerHour));
    }

    /// <summary>Publishes a reading as meters do.</summary>
    public Task PublishAsync(Guid device, DateTimeOffset timestamp, decimal kilowattHours) =>
        PublishAsync([string.Create(CultureInfo.InvariantCulture,
            $$"""{"timestamp": "{{timestamp.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{device}}", "measurement_value": {{kilowattHours}}}""")]);

    /// <summary>Publishes messages of readings.</summary>
    public async Task PublishAsync(IEnumerable<string> messages)
    {
        var broker = await ConnectionStringAsync($"{ResourceNames.Messaging}-declaring-meters");
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker!) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

        await channel.QueueDeclareAsync(ReadingQueue, durable: true, exclusive: false, autoDelete: false);
        foreach (var message in messages)
        {
            await channel.BasicPublishAsync(
                "", ReadingQueue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(message));
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static void AddShippedGateway(IDistributedApplicationTestingBuilder builder, string webRoot)
    {
        IResourceBuilder<ProjectResource> Service(string name) =>
            builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == name));

        var shipped = builder.AddProject<Projects.EnergyAspire_Gateway>(ShippedGateway)
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health")
            .WithEnvironment("ASPNETCORE_WEBROOT", webRoot)
            .WithEnvironment("Identity__Issuer", Service(ResourceNames.Gateway).GetEndpoint("http"));
        foreach (var name in Services)
            shipped.WithReference(Service(name));
    }
}
