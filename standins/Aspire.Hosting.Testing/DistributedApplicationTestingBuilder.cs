using System.Reflection;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>Applications for tests: ports are random, the dashboard is off unless asked for, console lines go to the log.</summary>
public static class DistributedApplicationTestingBuilder
{
    public static IDistributedApplicationTestingBuilder Create(params string[] args) => Create(args, (_, _) => { });

    public static IDistributedApplicationTestingBuilder Create(
        string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    {
        var builder = new DistributedApplicationBuilder(
            new DistributedApplicationOptions(), (options, settings) => Prepare(Assembly.GetEntryAssembly()!, args, options, settings, configureBuilder));
        return new TestingBuilder(builder, () => Task.FromResult(builder.Build()));
    }

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, (_, _) => { }, cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to its Build.</summary>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder, CancellationToken cancellationToken = default)
    {
        var assembly = typeof(TEntryPoint).Assembly;
        var main = assembly.EntryPoint ?? throw new InvalidOperationException($"The assembly of {typeof(TEntryPoint).Name} has no entry point.");
        var hooks = new EntryPointHooks { Creating = (options, settings) => Prepare(assembly, args, options, settings, configureBuilder) };
        var thread = new Thread(() =>
        {
            EntryPointHooks.Current = hooks;
            try
            {
                var result = main.Invoke(null, main.GetParameters().Length == 0 ? [] : [args]);
                (result as Task)?.GetAwaiter().GetResult();
                hooks.Failed(new InvalidOperationException("The entry point ended without building an application."));
            }
            catch (Exception problem)
            {
                hooks.Failed((problem as TargetInvocationException)?.InnerException ?? problem);
            }
        })
        { IsBackground = true };
        thread.Start();
        var builder = await hooks.Builder.WaitAsync(cancellationToken);
        return new TestingBuilder(builder, hooks.BuildAsync);
    }

    private static void Prepare(
        Assembly assembly, string[] args, DistributedApplicationOptions options, HostApplicationBuilderSettings settings,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    {
        settings.Args = options.Args = args;
        settings.ApplicationName = options.AssemblyName = assembly.GetName().Name;
        settings.Configuration ??= new ConfigurationManager();
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        configure(options, settings);

        // The AppHost's launch profile, but any port instead of its own; the command line stands above both.
        settings.Configuration.AddInMemoryCollection(LaunchProfile(assembly));
        settings.Configuration.AddInMemoryCollection([new("DcpPublisher:RandomizePorts", "true")]);
        settings.EnvironmentName ??= settings.Configuration["DOTNET_ENVIRONMENT"];
    }

    private static IEnumerable<KeyValuePair<string, string?>> LaunchProfile(Assembly assembly)
    {
        var project = assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(m => string.Equals(m.Key, "AppHostProjectPath", StringComparison.OrdinalIgnoreCase))?.Value;
        var path = Path.Combine(project ?? "", "Properties", "launchSettings.json");
        var profile = project is not null && File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))?["profiles"]?.AsObject().FirstOrDefault().Value : null;
        return profile?["environmentVariables"]?.AsObject().Select(v => KeyValuePair.Create(v.Key, v.Value?.GetValue<string>())) ?? [];
    }

    private sealed class TestingBuilder(DistributedApplicationBuilder inner, Func<Task<DistributedApplication>> build)
        : IDistributedApplicationTestingBuilder, IWrappedBuilder
    {
        private DistributedApplication? _application;

        public DistributedApplicationBuilder Inner => inner;
        public ConfigurationManager Configuration => inner.Configuration;
        public string AppHostDirectory => inner.AppHostDirectory;
        public Assembly? AppHostAssembly => inner.AppHostAssembly;
        public IHostEnvironment Environment => inner.Environment;
        public IServiceCollection Services => inner.Services;
        public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;
        public IDistributedApplicationEventing Eventing => inner.Eventing;
        public IResourceCollection Resources => inner.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => inner.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => inner.CreateResourceBuilder(resource);

        public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
            _application = await build().WaitAsync(cancellationToken);

        public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();

        public async ValueTask DisposeAsync()
        {
            if (_application is not null)
                await _application.DisposeAsync();
        }

        public void Dispose() => _application?.Dispose();
    }
}

public static class DistributedApplicationHostingTestingExtensions
{
    /// <summary>A client whose base address is the resource's endpoint.</summary>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = app.GetEndpoint(resourceName, endpointName);
        return client;
    }

    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        Find<IResourceWithConnectionString>(app, resourceName).GetConnectionStringAsync(cancellationToken);

    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null) =>
        new(new EndpointReference(Find<IResourceWithEndpoints>(app, resourceName), endpointName ?? "http").Url);

    private static T Find<T>(DistributedApplication app, string name) where T : class, IResource =>
        app.Services.GetRequiredService<DistributedApplicationModel>().Resources
            .FirstOrDefault(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase)) as T
        ?? throw new ArgumentException($"There is no resource '{name}' that is a {typeof(T).Name}.", nameof(name));
}
