using System.Globalization;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EnergyAspire.ServiceDefaults;

/// <summary>The common parts of every process: telemetry, health checks, service discovery and HTTP resilience.</summary>
public static class ServiceDefaultsExtensions
{
    private const string HealthPath = "/health";
    private const string AlivePath = "/alive";
    private const string LiveTag = "live";

    // Requested every few seconds by orchestrators and Prometheus.
    private static readonly string[] Probes = [HealthPath, AlivePath, PrometheusMetrics.Path];

    /// <summary>
    /// Adds telemetry, health checks, service discovery, HTTP resilience and the clock. A program that was started with <c>--check-health</c>
    /// ends here, with the exit code 0 if the service that runs beside it is ready.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        HealthProbe.RunIfAsked(builder, HealthPath);

        // Parsing and formatting must not depend on the machine's locale.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

        builder.AddDocumentGeneration();
        builder.AddTelemetry();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        Draining.AddTo(builder);

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // A POST is not idempotent, so only safe methods are retried.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });

        return builder;
    }

    /// <summary>Maps <c>/health</c> (ready to serve) and <c>/alive</c> (running); the gateway doesn't route them.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(HealthPath, new HealthCheckOptions { ResponseWriter = WriteReasonsAsync }).AllowAnonymous().ShortCircuit().Untraced();
        app.MapHealthChecks(AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) })
            .AllowAnonymous().ShortCircuit().Untraced();

        return app;
    }

    /// <summary>Writes the status and the version, then a line for each check that isn't healthy.</summary>
    private static Task WriteReasonsAsync(HttpContext http, HealthReport report) => http.Response.WriteAsync(string.Join('\n',
        report.Entries
            .Where(entry => entry.Value.Status != HealthStatus.Healthy)
            .Select(entry => entry.Value.Description?.ReplaceLineEndings(" ") ?? $"{entry.Key} isn't ready.")
            .Prepend($"{report.Status}, version {ProductVersion.Current}")));

    /// <summary>Excludes a request and what it does, such as a check's SQL, from the traces, because orchestrators probe every few seconds.</summary>
    private static void Untraced(this IEndpointConventionBuilder endpoint) => endpoint.Add(builder =>
    {
        var traced = builder.RequestDelegate!;
        builder.RequestDelegate = async context =>
        {
            using var untraced = SuppressInstrumentationScope.Begin();
            await traced(context);
        };
    });

    private static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        SafeConsole.AddTo(builder.Logging);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        // While a service waits for its servers, these would log errors that the health check already reports. Failed commands also throw.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.None);

        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("Npgsql", "EnergyAspire.*"))
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !Array.Exists(Probes, path => context.Request.Path.StartsWithSegments(path)))
                .AddHttpClientInstrumentation()
                .AddSource("Npgsql", "RabbitMQ.Client.*", "EnergyAspire.*"));

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            builder.Services.AddOpenTelemetry().UseOtlpExporter();
        if (builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"] is { Length: > 0 } azureMonitor)
            builder.Services.AddOpenTelemetry().UseAzureMonitorExporter(options => options.ConnectionString = azureMonitor);
        PrometheusMetrics.AddTo(builder);
    }
}
